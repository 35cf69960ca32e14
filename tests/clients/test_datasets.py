"""`datasets` 3.6, 4.0 and 5.2 load every file, and read what is in it."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.clients.client import tell
from tests.clients.mixes import Mix
from tests.clients.scripts.load import digest

pytestmark = pytest.mark.clients

VERSIONS = pytest.mark.parametrize("version", ["datasets36", "datasets40", "datasets52"])
BOTH = (
    "llava.json",
    "llava_next/data.json",
    "qwen_vl/data.json",
    "internvl/data.jsonl",
    "llamafactory/data.json",
    "axolotl/data.jsonl",
    "swift.jsonl",
    "trl/data.parquet",
    "hf/data.parquet",
    "verl.parquet",
)
TEXTS = (
    *("messages.jsonl", "openai.jsonl", "sharegpt.json", "alpaca.json", "text.jsonl"),
    "prompt_completion.jsonl",
)
CARDS = {"hf": "hf/data.parquet", "trl": "trl/data.parquet"}


@VERSIONS
def test_every_file_of_texts_is_loaded_as_it_is(version: str, plain: Mix, tmp_path: Path) -> None:
    told = tell(version, "load", plain.folder, tmp_path, *BOTH, *TEXTS, *CARDS, at=plain.root)
    for name in (*BOTH, *TEXTS, *CARDS):
        assert is_whole(told[name], plain, CARDS.get(name, name)), name


@VERSIONS
def test_every_file_with_images_is_loaded_as_it_is(version: str, pictured: Mix, tmp_path: Path) -> None:
    told = tell(version, "load", pictured.folder, tmp_path, *BOTH, *CARDS, at=pictured.root)
    for name in (*BOTH, *CARDS):
        assert is_whole(told[name], pictured, CARDS.get(name, name)), name


def is_whole(told: dict[str, dict[str, object]], mix: Mix, name: str) -> bool:
    """Whether each split has the rows that were asked for, and says what its file says."""
    path = mix.folder / name
    files = {"train": path, "validation": path.with_name(f"{path.stem}.validation{path.suffix}")}
    rows = {split: part["rows"] for split, part in told.items()}
    images = {split: part["images"] for split, part in told.items()}
    says = {split: part["says"] for split, part in told.items()}
    same = says == {split: digest(read(file)) for split, file in files.items()}
    return same and rows == mix.rows and images == {"train": mix.images, "validation": 0}


def read(path: Path) -> list[dict[str, object]]:
    """The rows of a file."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path).to_dicts()
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.split("\n") if line]
    rows: list[dict[str, object]] = json.loads(text)
    return rows
