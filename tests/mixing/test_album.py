"""Images that rows of files hold become files of a mix, each once, and reach whoever reads the mix."""

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
import yaml

from tests.workshop import Workshop
from tgc.errors import RecipeError

CAT, DOG = b"\x89PNG of a cat", b"\xff\xd8\xff of a dog"
TURNS = [
    {"from": "human", "value": "<image>\nIs it \u201cone\u201d?\r\n"},
    {"from": "gpt", "value": " Yes.\n"},
]
SAID = [{"role": "user", "content": "So?"}, {"role": "assistant", "content": "Yes."}]

Image = dict[str, bytes | str | None]


def held(*contents: bytes) -> list[Image]:
    return [{"bytes": content, "path": None} for content in contents]


def row(name: str, *contents: bytes) -> dict[str, object]:
    return {"id": name, "messages": SAID, "images": held(*contents)}


def blending(root: Path, source: str, outputs: str, reader: str = "messages", **more: object) -> Workshop:
    """A project whose mix takes the rows of a file."""
    workshop = Workshop(root)
    blend = [{"source": source, "format": reader, **more}]
    workshop.edit("mix: {", f"mix: {{blend: {json.dumps(blend)}, ")
    kept, _, _ = workshop.recipe.read_text(encoding="utf-8").partition("emit:")
    workshop.write(f"{kept}emit:\n{outputs}")
    return workshop


def put(root: Path, rows: Sequence[dict[str, object]]) -> None:
    pl.DataFrame(rows).write_parquet(root / "recipes" / "seen.parquet")


def hung(root: Path) -> dict[str, bytes]:
    """The images of the mix of a project, by their names."""
    folder = root / "warehouse" / "mixes" / "demo" / "images"
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}


def test_images_go_from_files_into_rows_and_out_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    packing = blending(
        first, "seen.json", "  - {format: trl, images: bytes}\n", "llava", images="photos", rows="all"
    )
    (first / "photos").mkdir()
    (first / "photos" / "cat.png").write_bytes(CAT)
    seen = {"id": "cat", "image": "cat.png", "conversations": TURNS}
    (first / "recipes" / "seen.json").write_text(json.dumps([seen]), encoding="utf-8")
    packing.build()

    unpacking = blending(second, "seen.parquet", "  - {format: llava}\n", rows=13)
    (second / "recipes" / "seen.parquet").write_bytes(packing.emitted("trl/data.parquet"))
    unpacking.build()
    (found,) = (told for told in json.loads(unpacking.emitted("llava.json")) if told["id"] == "cat")
    assert found["conversations"] == TURNS
    assert (second / found["image"]).read_bytes() == CAT


def test_an_image_of_several_rows_is_one_file(tmp_path: Path) -> None:
    workshop = blending(tmp_path, "seen.parquet", "  - {format: swift}\n  - {format: llamafactory}\n")
    put(tmp_path, [row("a", CAT), row("b", CAT, DOG), row("c")])
    workshop.build()
    manifest = json.loads(workshop.emitted("manifest.json"))
    assert sorted(hung(tmp_path).values()) == [CAT, DOG]
    assert manifest["images"] == {"files": 2, "bytes": len(CAT) + len(DOG)}
    assert yaml.safe_load(workshop.emitted("llamafactory/train.yaml"))["media_dir"] == "."
    told = {
        line["id"]: line.get("images", [])
        for line in map(json.loads, workshop.emitted("swift.jsonl").splitlines())
    }
    assert [(tmp_path / path).read_bytes() for path in told["b"]] == [CAT, DOG]
    assert told["c"] == []


def test_images_that_no_row_of_the_mix_shows_are_not_kept(tmp_path: Path) -> None:
    workshop = blending(tmp_path, "seen.parquet", "  - {format: swift}\n", cap=1)
    put(tmp_path, [row("a", CAT), row("b", DOG)])
    workshop.build()
    assert len(hung(tmp_path)) == 1
    (tmp_path / "warehouse" / "mixes" / "demo" / "images" / "mine.txt").write_bytes(b"mine")
    put(tmp_path, [row("c")])
    workshop.build()
    assert hung(tmp_path) == {"mine.txt": b"mine"}


def test_an_image_that_is_gone_is_written_again(tmp_path: Path) -> None:
    workshop = blending(tmp_path, "seen.parquet", "  - {format: swift}\n")
    put(tmp_path, [row("a", CAT), row("b", DOG)])
    workshop.build()
    assert workshop.build() is None
    (first, *_) = hung(tmp_path)
    (tmp_path / "warehouse" / "mixes" / "demo" / "images" / first).unlink()
    workshop.build()
    assert sorted(hung(tmp_path).values()) == [CAT, DOG]


def test_a_row_that_holds_something_else_is_told(tmp_path: Path) -> None:
    workshop = blending(tmp_path, "seen.parquet", "  - {format: swift}\n")
    put(tmp_path, [row("a", CAT), row("b", b"<html>")])
    with pytest.raises(RecipeError, match="an image is in no known format"):
        workshop.build()
    assert not (tmp_path / "warehouse").exists()
