"""What every format writes and refuses, against golden text, and read back as its client reads it."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import yaml

from tests import golden, orchard
from tests.formats.rows import FORMATS, TEXTS, dialogue, seen, written
from tests.orchard import ANSWER, program
from tests.workshop import Workshop
from tgc import __version__, ir
from tgc.catalog import Gathered
from tgc.dialogue import Conversation
from tgc.filters.length import Length
from tgc.formats.base import Format
from tgc.mixing import blend, select
from tgc.mixing.output.emit import emit, files
from tgc.sieve import sift

GOLDEN = Path(__file__).parent / "golden"
EVERY = pytest.mark.parametrize("output", FORMATS.values(), ids=FORMATS)
HOME = "warehouse/mixes/orchard/"
ODD = {
    "a system prompt": dialogue("So?", "Yes.", system="Be brief."),
    "two turns": dialogue("So?", "Yes.", "Why?", "For that."),
    "no turns": Conversation("0", ()),
    "no answer": dialogue("So?", "Yes.", "Why?"),
    "an answer first": dialogue("Yes.", "So?", "No.", first="assistant"),
    "an answer first, and last": dialogue("Hello.", "So?", "Yes.", first="assistant"),
    "a blank answer": dialogue("So?", " \n"),
    "half a character": dialogue("So?", "\ud800"),
    "<image> in a text": dialogue("What is <image>?", "A tag."),
    "<video> in a text": dialogue("What is <video>?", "A tag."),
    "</s> in a text": dialogue("So?", "End.</s>"),
    " ASSISTANT:  in a text": dialogue("So?", "USER: a ASSISTANT: b"),
    "<|im_end|> in a text": dialogue("So?<|im_end|>", "Yes."),
    "</img> in a text": dialogue("So?", "<img></img>"),
    "an image": seen("<image>\nSo?", "A cat."),
    "two images": seen("<image><image>\nSo?", "Cats.", images=("a.png", "b.png")),
    "an image that no text shows": seen("So?", "A cat."),
    "an image in an answer": seen("So?", "<image>"),
    "an image in the second turn": seen("So?", "No.", "<image>?", "A cat."),
}


@EVERY
def test_a_mix_is_written_as_its_client_wants_it(output: Format, tmp_path: Path) -> None:
    for path in emitted(output, tmp_path):
        text = shown(path).replace(f"tgc {__version__}", "tgc VERSION")
        name = path.name + (".jsonl" if path.suffix == ".parquet" else "")
        assert golden.same(text, GOLDEN / output.format / name)


def test_what_each_format_refuses() -> None:
    lines = []
    for name, row in ODD.items():
        reasons: dict[str, list[str]] = {}
        for output in FORMATS.values():
            said = output.flaw(row) or "taken"
            reasons.setdefault(said, []).append(output.format)
        lines += [f"{name}:", *(f"  {said}: {', '.join(where)}" for said, where in reasons.items())]
    assert golden.same("\n".join(lines) + "\n", GOLDEN / "refusals.txt")


def test_how_each_format_spells_images_and_turns() -> None:
    turns = dialogue("So?", "Yes.", "Why?", "For that.", system="Be brief.")
    rows = [ODD["an image"], ODD["two images"], turns]
    lines = []
    for name, output in FORMATS.items():
        taken = [row for row in rows if output.refuse(row) is None]
        lines += [f"{name}:", *(json.dumps(row) for row in loaded(output, written(output, *taken)))]
    assert golden.same("\n".join(lines) + "\n", GOLDEN / "rows.txt")


@EVERY
def test_any_text_is_read_back(output: Format) -> None:
    row = dialogue(*TEXTS, "And?", "So.")
    assert output.refuse(row) is None
    (told,) = loaded(output, written(output, row))
    texts = "\n\n".join(strings(told))
    assert all(text in texts for text in (*TEXTS, "And?", "So."))


@EVERY
def test_no_rows_are_a_file_too(output: Format) -> None:
    assert loaded(output, written(output)) == []


@EVERY
def test_the_files_are_those_that_were_announced(output: Format, tmp_path: Path) -> None:
    paths = {path.relative_to(tmp_path).as_posix() for path in emitted(output, tmp_path)}
    assert paths | {"manifest.json"} == set(files(mixed(output)))


def test_llamafactory_lists_every_file_with_its_columns(tmp_path: Path) -> None:
    paths = {path.name: path for path in emitted(FORMATS["llamafactory"], tmp_path)}
    listed = json.loads(paths["dataset_info.json"].read_text())
    lines = yaml.safe_load(paths["train.yaml"].read_text())
    assert [lines["dataset"], lines["eval_dataset"]] == list(listed)
    for entry in listed.values():
        for row in json.loads(paths[entry["file_name"]].read_text()):
            assert set(entry["columns"].values()) <= row.keys()
            spoken = [turn[entry["tags"]["role_tag"]] for turn in row["conversations"]]
            assert spoken == [entry["tags"]["user_tag"], entry["tags"]["assistant_tag"]]


@pytest.mark.parametrize("name", ["hf", "trl"])
def test_a_card_names_the_files_of_its_folder(name: str, tmp_path: Path) -> None:
    paths = {path.name: path for path in emitted(FORMATS[name], tmp_path)}
    settings = yaml.safe_load(paths["README.md"].read_text().split("---\n")[1])
    (config,) = settings["configs"]
    assert [file["split"] for file in config["data_files"]] == ["train", "held_out"]
    for file in config["data_files"]:
        frame = pl.read_parquet(paths[file["path"]])
        assert dict(frame.schema) == {
            "id": pl.String,
            "messages": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
        }


def test_axolotl_and_llava_next_are_told_where_the_rows_are(tmp_path: Path) -> None:
    axolotl = {path.name: path for path in emitted(FORMATS["axolotl"], tmp_path / "axolotl")}
    told = yaml.safe_load(axolotl["train.yaml"].read_text())
    assert [told[key][0]["path"] for key in ("datasets", "test_datasets")] == [
        f"{HOME}axolotl/data.jsonl",
        f"{HOME}axolotl/data.held-out.jsonl",
    ]
    following = {path.name: path for path in emitted(FORMATS["llava_next"], tmp_path / "next")}
    (dataset,) = yaml.safe_load(following["data.yaml"].read_text())["datasets"]
    assert dataset["json_path"] == f"{HOME}llava_next/data.json"


@pytest.mark.parametrize("name", ["sharegpt", "alpaca", "qwen_vl", "llava_next", "llamafactory", "axolotl"])
def test_the_name_of_the_file_says_array_or_lines(name: str) -> None:
    rows = (dialogue("So?", "Yes."), dialogue("Why?", "For that."))
    lines = FORMATS[name].model_copy(update={"path": "data.jsonl"})
    array = FORMATS[name].model_copy(update={"path": "data.json"})
    told = [json.loads(line) for line in written(lines, *rows).splitlines()]
    assert told == json.loads(written(array, *rows))
    assert len(told) == 2


def test_a_recipe_need_not_say_where(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.edit("  - {format: llava, path: llava.json}\n", "  - {format: llamafactory}\n  - {format: hf}\n")
    outcome = workshop.build()
    assert outcome is not None
    assert {"llamafactory/dataset_info.json", "hf/README.md", "hf/data.parquet"} <= set(outcome.files)
    assert workshop.plan().steps == ()


def test_a_file_beside_the_rows_that_is_gone_is_written_again(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.edit("{format: llava, path: llava.json}", "{format: internvl}")
    workshop.build()
    meta = workshop.emitted("internvl/meta.json")
    (tmp_path / "warehouse" / "mixes" / "demo" / "internvl" / "meta.json").unlink()
    workshop.build()
    assert workshop.emitted("internvl/meta.json") == meta


def mixed(output: Format) -> ir.Program:
    split = ir.Split("held-out", 0.3, "question")
    whole = program((Length(max_chars=9), ("answer",)), emit=(output,))
    return replace(whole, mix=replace(whole.mix, split=split))


def emitted(output: Format, directory: Path) -> list[Path]:
    """The files of a small mix in one format, but for the manifest."""
    recipe = mixed(output)
    nodes = orchard.say(orchard.nodes(2, 3), ANSWER + 1, "A text that is far too long.")
    mixture = blend(recipe, select(recipe, Gathered(nodes), sift(recipe, Gathered(nodes))))
    return list(emit(recipe, mixture, directory, ("c0ffee", False))[:-1])


def shown(path: Path) -> str:
    """A file as text; Parquet as its rows."""
    if path.suffix != ".parquet":
        return path.read_text(encoding="utf-8")
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in pl.read_parquet(path).to_dicts())


def loaded(output: Format, content: bytes) -> list[dict[str, object]]:
    """Rows as they are read from a file of that format."""
    if output.path.endswith(".parquet"):
        return pl.read_parquet(io.BytesIO(content)).to_dicts()
    if output.path.endswith(".jsonl"):
        return [json.loads(line) for line in content.split(b"\n") if line]
    rows: list[dict[str, object]] = json.loads(content)
    return rows


def strings(value: object) -> Iterator[str]:
    """All texts within a value."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from strings(inner)
        case list():
            for inner in value:
                yield from strings(inner)
