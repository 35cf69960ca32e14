"""Images are found by their paths in every file, where its client looks for them."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import yaml

from tests.workshop import Workshop

TURNS = [{"from": "human", "value": "<image>\nSo?"}, {"from": "gpt", "value": "A cat."}]
FORMATS = (
    "llava",
    "llamafactory",
    "qwen_vl",
    "internvl",
    "messages",
    "axolotl",
    "swift",
    "trl",
    "hf",
    "verl",
)
TOLD = ("llava.json", "llamafactory/data.json", "qwen_vl/data.json", "internvl/data.jsonl")
"""Of clients that are told a folder."""

OTHERS = ("messages.jsonl", "axolotl/data.jsonl", "swift.jsonl", "trl/data.parquet", "hf/data.parquet")


def mixed(root: Path, *folders: str) -> Workshop:
    """A mix of rows with images, each from a folder of its own."""
    workshop = Workshop(root)
    for number, folder in enumerate(folders):
        (root / folder / "a").mkdir(parents=True)
        (root / folder / "a" / f"{number}.png").write_bytes(b"\x89PNG of a cat")
        row = {"id": str(number), "image": f"a/{number}.png", "conversations": TURNS}
        (root / "recipes" / f"{number}.json").write_text(json.dumps([row]), encoding="utf-8")
    sources = [
        {"source": f"{number}.json", "format": "llava", "images": folder}
        for number, folder in enumerate(folders)
    ]
    workshop.edit("mix: {", f"mix: {{blend: {json.dumps(sources)}, ")
    kept, _, _ = workshop.recipe.read_text(encoding="utf-8").partition("emit:")
    workshop.write(kept + "emit:\n" + "".join(f"  - {{format: {name}}}\n" for name in FORMATS))
    workshop.build()
    return workshop


def images(workshop: Workshop, name: str) -> set[str]:
    """What the rows of a file say of images."""
    content = workshop.emitted(name)
    if name.endswith(".parquet"):
        return set(paths(pl.read_parquet(io.BytesIO(content))["images"].to_list()))
    rows = json.loads(content) if name.endswith(".json") else map(json.loads, content.splitlines())
    return {path for row in rows for path in paths(row.get("images") or row.get("image"))}


def paths(given: object) -> Iterator[str]:
    match given:
        case str():
            yield given
        case list():
            for inner in given:
                yield from paths(inner)
        case {"image": path} | {"path": path}:
            yield from paths(path)


@pytest.mark.parametrize(
    ("folders", "told", "seen"),
    [
        (("photos",), "photos", {"a/0.png"}),
        (("photos", "data/charts"), ".", {"photos/a/0.png", "data/charts/a/1.png"}),
    ],
)
def test_a_client_is_told_the_one_folder_of_all_images_or_the_project(
    folders: tuple[str, ...], told: str, seen: set[str], tmp_path: Path
) -> None:
    workshop = mixed(tmp_path, *folders)
    assert all(images(workshop, name) == seen for name in TOLD)
    assert yaml.safe_load(workshop.emitted("llamafactory/train.yaml"))["media_dir"] == told
    assert json.loads(workshop.emitted("internvl/meta.json"))["demo"]["root"] == told
    assert json.loads(workshop.emitted("qwen_vl/data_dict.json"))["demo"]["data_path"] == told


@pytest.mark.parametrize("name", [*OTHERS, "verl.parquet"])
def test_a_client_that_is_told_no_folder_finds_images_from_the_project(name: str, tmp_path: Path) -> None:
    found = images(mixed(tmp_path, "photos", "data/charts"), name)
    assert found == {"photos/a/0.png", "data/charts/a/1.png"}
    assert all((tmp_path / path).is_file() for path in found)


def test_images_of_a_folder_outside_of_the_project_are_found_from_it(tmp_path: Path) -> None:
    workshop = mixed(tmp_path / "project", "../photos")
    assert images(workshop, "trl/data.parquet") == {"../photos/a/0.png"}
    assert images(workshop, "llava.json") == {"a/0.png"}


def test_images_whose_folder_nobody_names_begin_in_the_project(tmp_path: Path) -> None:
    workshop = mixed(tmp_path, "photos")
    workshop.edit(', "images": "photos"', "")
    workshop.build()
    assert images(workshop, "llamafactory/data.json") == images(workshop, "trl/data.parquet") == {"a/0.png"}
    assert yaml.safe_load(workshop.emitted("llamafactory/train.yaml"))["media_dir"] == "."


def test_training_files_say_what_rows_with_images_need(tmp_path: Path) -> None:
    workshop = mixed(tmp_path, "photos")
    assert yaml.safe_load(workshop.emitted("trl/sft.yaml"))["max_length"] is None
    lines = yaml.safe_load(workshop.emitted("axolotl/train.yaml"))
    assert lines["processor_type"] == "AutoProcessor"
    assert lines["skip_prepare_dataset"] is True
