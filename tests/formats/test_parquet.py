"""Parquet is streamed, and says what `datasets` wants to know of its columns."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from tests.formats.rows import dialogue, seen, written
from tests.workshop import Workshop
from tgc.dialogue import Conversation
from tgc.formats.base import Format
from tgc.formats.hf import HuggingFace
from tgc.formats.trl import TRL
from tgc.formats.verl import Verl

DATA = Path(__file__).parents[3] / "shared" / "data"
real = pytest.mark.skipif(not DATA.exists(), reason="the shared data sets lie beside the repository")

TEXT = {"dtype": "string", "_type": "Value"}
HELD = HuggingFace(images="bytes")
ALL: tuple[Format, ...] = (HuggingFace(), HELD, TRL(), Verl())
TYPES = pl.Schema(
    {
        "id": pl.String(),
        "messages": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
        "images": pl.List(pl.Struct({"bytes": pl.Binary, "path": pl.String})),
    }
)


def frame(output: Format, *rows: Conversation) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(written(output, *rows)))


def features(content: bytes) -> dict[str, object]:
    said = pl.read_parquet_metadata(io.BytesIO(content))["huggingface"]
    found: dict[str, object] = json.loads(said)["info"]["features"]
    return found


def cat(folder: Path) -> Conversation:
    (folder / "a").mkdir()
    (folder / "a" / "cat.png").write_bytes(b"\x89PNG of a cat")
    return replace(seen("<image>\nSo?", "A cat."), folder=str(folder))


@pytest.mark.parametrize("output", [HuggingFace(), TRL()], ids=lambda output: output.format)
def test_images_are_a_feature_in_the_words_of_the_oldest_datasets(output: Format) -> None:
    content = written(output, seen("<image>\nSo?", "A cat."), dialogue("So?", "Yes."))
    rows = pl.read_parquet(io.BytesIO(content))
    assert rows.schema == TYPES
    assert rows["images"].to_list() == [[{"bytes": None, "path": "a/cat.png"}], []]
    assert features(content) == {
        "id": TEXT,
        "messages": [{"role": TEXT, "content": TEXT}],
        "images": [{"_type": "Image"}],
    }


def test_images_are_held_byte_for_byte(tmp_path: Path) -> None:
    rows = frame(HELD, cat(tmp_path), dialogue("So?", "Yes."))
    assert rows.schema == TYPES
    assert rows["images"].to_list() == [[{"bytes": b"\x89PNG of a cat", "path": "a/cat.png"}], []]


def test_an_image_in_no_known_folder_cannot_be_held(tmp_path: Path) -> None:
    assert (
        HELD.refuse(seen("<image>\nSo?", "A cat.")) == "hf: nobody says where an image is that is to be held"
    )
    assert HELD.refuse(cat(tmp_path)) is None
    assert HuggingFace().refuse(seen("<image>\nSo?", "A cat.")) is None


def test_an_image_that_is_gone_is_told(tmp_path: Path) -> None:
    gone = replace(seen("<image>\nSo?", "A cat."), folder=str(tmp_path))
    with pytest.raises(OSError, match=re.escape("a/cat.png")):
        written(HELD, gone)


def test_verl_has_plain_paths_and_texts_that_say_where_they_stand() -> None:
    rows = frame(Verl(), seen("<image>\nSo?", "A cat."), dialogue("So?", "Yes."))
    assert rows["images"].to_list() == [[{"image": "a/cat.png"}], []]
    assert rows["messages"][0].to_list()[0] == {"role": "user", "content": "<image>\nSo?"}


@pytest.mark.parametrize("output", ALL, ids=repr)
def test_there_is_no_column_for_images_where_no_row_has_any(output: Format) -> None:
    content = written(output, dialogue("So?", "Yes."))
    assert pl.read_parquet(io.BytesIO(content)).columns == ["id", "messages"]
    assert list(features(content)) == ["id", "messages"]
    assert frame(output).shape == (0, 2)


@pytest.mark.parametrize("output", ALL, ids=repr)
def test_a_row_with_an_image_may_come_late_and_files_are_the_same_each_time(
    output: Format, tmp_path: Path
) -> None:
    rows = [replace(dialogue(f"So {number}?", "Yes."), id=str(number)) for number in range(250)]
    content = written(output, *rows, cat(tmp_path))
    back = pl.read_parquet(io.BytesIO(content))
    assert back["id"].to_list() == [*map(str, range(250)), "00000000000000ab"]
    assert back["images"].list.len().to_list() == [*[0] * 250, 1]
    assert written(output, *rows, cat_again(tmp_path)) == content


def cat_again(folder: Path) -> Conversation:
    return replace(seen("<image>\nSo?", "A cat."), folder=str(folder))


@pytest.mark.parametrize("output", ALL, ids=repr)
def test_types_are_those_that_features_stand_for(output: Format) -> None:
    content = written(output, dialogue("ARROW:schema?", "Yes."))
    assert set(pl.read_parquet_metadata(io.BytesIO(content))) == {"huggingface", "polars:types"}
    assert frame(output, dialogue("ARROW:schema?", "Yes."))["messages"][0][0]["content"] == "ARROW:schema?"


def test_a_build_holds_the_images_of_files_that_are_blended_in(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "cat.png").write_bytes(b"\x89PNG of a cat")
    turns = [{"from": "human", "value": "<image>\nSo?"}, {"from": "gpt", "value": "A cat."}]
    rows = [{"image": "cat.png", "conversations": turns}]
    (tmp_path / "seen.json").write_text(json.dumps(rows))
    workshop.edit("mix: {", "mix: {blend: [{source: seen.json, format: llava, images: pictures}], ")
    workshop.edit("{format: llava, path: llava.json}", "{format: hf, images: bytes}")
    workshop.build()
    images = pl.read_parquet(io.BytesIO(workshop.emitted("hf/data.parquet")))["images"].to_list()
    assert images == [[{"bytes": b"\x89PNG of a cat", "path": "pictures/cat.png"}], *[[]] * 12]


@real
def test_real_images_are_held_whole() -> None:
    demo = DATA / "qwenvl_demo" / "qwen-vl-finetune"
    image = "demo/images/10095.png"
    row = replace(seen("<image>\nSo?", "A chart.", images=(image,)), folder=str(demo))
    assert frame(HELD, row)["images"][0][0]["bytes"] == (demo / image).read_bytes()
