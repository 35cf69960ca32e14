"""The files beside the rows say where the rows are from, and where their images are."""

import io
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import yaml

from tests.workshop import Workshop
from tgc.formats.base import About, card
from tgc.formats.internvl import InternVL
from tgc.formats.llamafactory import LlamaFactory
from tgc.formats.qwen_vl import QwenVL

ABOUT = About(
    recipe="blended",
    rows={"train": 1_100, "held-out": 40},
    text='{"name": "blended", "vars": {"how": "in ```fences```"}}',
    commit="c0ffee",
    dirty=True,
    models=("builtin:atlas", "org/name 1a2b"),
    sources={"blended": 1_000, "sharegpt.jsonl": 140},
    drops={"refusal": 20},
    version="9.9",
)


def test_clients_are_told_where_images_are() -> None:
    said = replace(ABOUT, images="data/coco")
    assert "media_dir: data/coco\n" in LlamaFactory().beside(said)["train.yaml"]
    assert json.loads(InternVL().beside(said)["meta.json"])["blended"]["root"] == "data/coco"
    entries = json.loads(QwenVL().beside(said)["data_dict.json"])
    assert {entry["data_path"] for entry in entries.values()} == {"data/coco"}


def test_images_that_are_blended_in_reach_the_trainer(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "cat.png").write_bytes(b"\x89PNG of a cat")
    turns = [{"from": "human", "value": "<image>\nSo?"}, {"from": "gpt", "value": "A cat."}]
    row = {"id": "cat", "image": "cat.png", "conversations": turns}
    (tmp_path / "seen.json").write_text(json.dumps([row]))
    blended = "mix: {blend: [{source: seen.json, format: llava, images: pictures}], "
    workshop.edit("mix: {", blended)
    workshop.edit("{format: llava, path: llava.json}", "{format: llamafactory}\n  - {format: hf}")
    workshop.build()
    first, *others = json.loads(workshop.emitted("llamafactory/data.json"))
    assert (first["images"], {tuple(row["images"]) for row in others}) == (["cat.png"], {()})
    assert b"media_dir: pictures\n" in workshop.emitted("llamafactory/train.yaml")
    frame = pl.read_parquet(io.BytesIO(workshop.emitted("hf/data.parquet")))
    assert frame["images"].to_list()[0] == [{"bytes": None, "path": "pictures/cat.png"}]
    assert b"| seen.json | 1 |" in workshop.emitted("hf/README.md")


def test_a_card_tells_the_recipes_rows_from_those_blended_in() -> None:
    text = card.card(ABOUT, {"train": "data.parquet", "held-out": "data.held-out.parquet"}, "cc-by-4.0")
    front, _, body = text.removeprefix("---\n").partition("---\n")
    assert yaml.safe_load(front)["license"] == "cc-by-4.0"
    assert yaml.safe_load(front)["size_categories"] == ["1K<n<10K"]
    assert (
        body
        == """
# blended

1,140 conversations; those of `blended` were written by `builtin:atlas`, `org/name 1a2b`.

| split | rows |
|---|---:|
| train | 1,100 |
| held-out | 40 |

## Where they are from

| source | rows |
|---|---:|
| blended | 1,000 |
| sharegpt.jsonl | 140 |

## What was left out

|  | conversations |
|---|---:|
| generated | 1,020 |
| refusal | -20 |
| here | 1,000 |

## How it was made

By tgc 9.9 from this recipe, commit `c0ffee` with changes:

````yaml
name: blended
vars: {how: in ```fences```}
````
"""
    )
