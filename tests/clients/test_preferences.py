"""TRL, LLaMA-Factory and ms-swift prefer the answers that a mix of pairs has chosen, word for word."""

import json
import math
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from tests.clients import mixes
from tests.clients.client import tell
from tests.workshop import Workshop

pytestmark = pytest.mark.clients

RECIPE = """\
name: demo
seed: 7
model: builtin:atlas
tree:
  topic: {values: [physics, law, music]}
  question: {role: user, system: "Talk about {{ topic }}.", branch: 10, max_tokens: 16}
  answer: {role: assistant, branch: 2, max_tokens: 32}
  weak: {role: assistant, under: question, branch: 2, max_tokens: 32, sampling: {temperature: 2.0}}
mix:
  size: 60
  pairs: {chosen: answer, rejected: weak}
  split: {validation: 0.1, by: question}
  blend:
    - {source: mine.jsonl, format: preference, rows: 180}
emit:
  - {format: llamafactory}
  - {format: swift}
"""
SEEN = "    - {source: seen.json, format: preference, images: photos}\n"
IMAGES = 60

Pairs = list[list[str]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a mix of pairs, of which a quarter is of a tree and the rest of a file, in odd texts."""
    root = tmp_path_factory.mktemp("plain") / "project"
    return built(Workshop(root), RECIPE + "  - {format: dpo}\n")


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with pairs of answers about images."""
    workshop = Workshop(tmp_path_factory.mktemp("pictured") / "project")
    rows = zip(range(IMAGES), cycle(mixes.drawn(workshop.root / "photos")), strict=False)
    seen = [about(number, *row) for number, row in rows]
    (workshop.root / "recipes" / "seen.json").write_text(json.dumps(seen), encoding="utf-8")
    return built(workshop, RECIPE.replace("emit:", SEEN + "emit:"))


def built(workshop: Workshop, recipe: str) -> Path:
    """The folder of the mix of a recipe."""
    rows = "".join(json.dumps(preference(number)) + "\n" for number in range(180))
    (workshop.root / "recipes" / "mine.jsonl").write_text(rows, encoding="utf-8")
    workshop.write(recipe)
    assert workshop.build() is not None
    return workshop.root / "warehouse" / "mixes" / "demo"


def preference(number: int) -> dict[str, object]:
    """A pair of answers in texts that somebody may read as something else, after one question or two."""
    odd = mixes.ODD[number % len(mixes.ODD)]
    earlier = [{"role": "user", "content": odd}, {"role": "assistant", "content": "So?"}] * (number % 2)
    asked = [*earlier, {"role": "user", "content": f"Say {number}: {odd}"}]
    return {"prompt": asked, "chosen": f"{odd} {number}", "rejected": f"{number} {odd}"}


def about(number: int, image: str, asked: str, said: str) -> dict[str, object]:
    """A pair of answers about an image, as LLaMA-Factory has it."""
    return {
        "conversations": [{"from": "human", "value": asked}],
        "chosen": {"from": "gpt", "value": f"{said} {number}"},
        "rejected": {"from": "gpt", "value": f"{number} of {said}"},
        "images": [image],
    }


def test_trl_prefers_the_answers_that_are_chosen(plain: Path, tmp_path: Path) -> None:
    files = (plain / "dpo.jsonl", plain / "dpo.validation.jsonl")
    assert preferred(tell("trl", "prefer_trl", *files, tmp_path, at=plain), plain)


def test_llamafactory_prefers_the_answers_that_are_chosen(plain: Path, tmp_path: Path) -> None:
    assert preferred(llamafactory("text", plain, tmp_path), plain)


def test_llamafactory_prefers_answers_about_images(pictured: Path, tmp_path: Path) -> None:
    told = llamafactory("vision", pictured, tmp_path)
    assert preferred(told, pictured)
    assert told["images"] == IMAGES


def test_swift_prefers_the_answers_that_are_chosen_also_about_images(pictured: Path, tmp_path: Path) -> None:
    files = (pictured / "swift.jsonl", pictured / "swift.validation.jsonl")
    told = tell("swift", "prefer_swift", *files, tmp_path, at=pictured.parents[2])
    assert preferred(told, pictured)
    assert told["images"] == IMAGES


def llamafactory(kind: str, mix: Path, home: Path) -> dict[str, Any]:
    """What LLaMA-Factory tells, run in the project's directory by the lines that are emitted."""
    lines = mix / "llamafactory" / "train.yaml"
    return tell("llamafactory", "prefer_llamafactory", kind, lines, home, at=mix.parents[2])


def preferred(told: dict[str, Any], mix: Path) -> bool:
    """Whether a client was given every pair as it was emitted, and its losses are numbers."""
    losses = [value for name, value in told.items() if name in ("loss", "held_out")]
    return sorted(told["pairs"]) == emitted(mix) and len(losses) > 0 and all(map(math.isfinite, losses))


def emitted(mix: Path) -> Pairs:
    """Both answers of all rows that are trained on."""
    lines = (mix / "swift.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    return sorted([row["messages"][-1]["content"], row["rejected_response"]] for row in rows)
