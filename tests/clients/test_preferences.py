"""TRL, LLaMA-Factory and ms-swift prefer the answers that a mix of pairs has chosen, word for word."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.clients.client import tell
from tests.clients.mixes import ODD
from tests.workshop import Workshop

pytestmark = pytest.mark.clients

SIZE = 240

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
  blend: [{source: mine.jsonl, format: preference, rows: 180}]
emit: [{format: dpo}, {format: llamafactory}, {format: swift}]
"""

Pairs = list[list[str]]


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a mix of pairs, of which a quarter is of a tree and the rest of a file, in odd texts."""
    workshop = Workshop(tmp_path_factory.mktemp("pairs") / "project")
    rows = "".join(json.dumps(preference(number)) + "\n" for number in range(180))
    (workshop.root / "recipes" / "mine.jsonl").write_text(rows, encoding="utf-8")
    workshop.write(RECIPE)
    assert workshop.build() is not None
    return workshop.root / "warehouse" / "mixes" / "demo"


def preference(number: int) -> dict[str, object]:
    """A pair of answers in texts that somebody may read as something else, after one question or two."""
    odd = ODD[number % len(ODD)]
    earlier = [{"role": "user", "content": odd}, {"role": "assistant", "content": "So?"}] * (number % 2)
    asked = [*earlier, {"role": "user", "content": f"Say {number}: {odd}"}]
    return {"prompt": asked, "chosen": f"{odd} {number}", "rejected": f"{number} {odd}"}


def test_trl_prefers_the_answers_that_are_chosen(mix: Path, tmp_path: Path) -> None:
    files = (mix / "dpo.jsonl", mix / "dpo.validation.jsonl")
    assert preferred(tell("trl", "prefer_trl", *files, tmp_path, at=mix), mix)


def test_llamafactory_prefers_the_answers_that_are_chosen(mix: Path, tmp_path: Path) -> None:
    lines = mix / "llamafactory" / "train.yaml"
    assert preferred(tell("llamafactory", "prefer_llamafactory", lines, tmp_path, at=mix.parents[2]), mix)


def test_swift_prefers_the_answers_that_are_chosen(mix: Path, tmp_path: Path) -> None:
    files = (mix / "swift.jsonl", mix / "swift.validation.jsonl")
    assert preferred(tell("swift", "prefer_swift", *files, tmp_path, at=mix), mix)


def preferred(told: dict[str, Any], mix: Path) -> bool:
    """Whether a client was given every pair as it was emitted, and its losses are numbers."""
    losses = [value for name, value in told.items() if name in ("loss", "held_out")]
    return sorted(told["pairs"]) == emitted(mix) and len(losses) > 0 and all(map(math.isfinite, losses))


def emitted(mix: Path) -> Pairs:
    """Both answers of all rows that are trained on."""
    rows = [json.loads(line) for line in (mix / "dpo.jsonl").read_text(encoding="utf-8").split("\n") if line]
    return sorted([row[part][0]["content"] for part in ("chosen", "rejected")] for row in rows)
