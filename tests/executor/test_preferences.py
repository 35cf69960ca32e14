"""Whole builds of mixes that prefer: the best siblings, and texts that differ."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.workshop import Workshop

RECIPE = """\
name: demo
seed: 7
model: builtin:atlas
tree:
  topic: {values: [physics, law, music]}
  question: {role: user, system: "Talk about {{ topic }}.", branch: 4, max_tokens: 16}
  answer: {role: assistant, branch: 3, max_tokens: 32}
  stars: {score: "How good is {{ answer }}?", answers: 1..5}
mix: {size: 10, best: {by: stars, keep: 1}, diverse: question}
emit: [{format: messages, path: messages.jsonl}]
"""

SCORES = """
    select answer.parent_id as question, answer.text, cast(stars.text as integer) as score
    from nodes answer join nodes stars on stars.parent_id = answer.node_id
    where answer.level = 'answer'
"""


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    found = Workshop(tmp_path)
    found.write(RECIPE)
    return found


def mixed(shop: Workshop) -> list[tuple[str, str]]:
    """The questions and answers of the mix that is built."""
    assert shop.build() is not None
    rows = map(json.loads, shop.emitted("messages.jsonl").splitlines())
    return [tuple(turn["content"] for turn in row["messages"]) for row in rows]


def test_a_mix_has_the_best_answer_to_every_question_it_has(shop: Workshop) -> None:
    found = mixed(shop)
    scores = shop.sql(SCORES)
    best = scores.filter(pl.col("score") == pl.col("score").max().over("question"))
    assert {answer for _, answer in found} <= set(best["text"])
    assert len({question for question, _ in found}) == len(found) == 10


def test_preferring_asks_no_model_again_and_leaves_nothing_to_do(shop: Workshop) -> None:
    shop.edit("keep: 1}, diverse: question", "keep: 3}")
    plain = mixed(shop)
    shop.write(RECIPE)
    shop.asked()
    assert mixed(shop) != plain
    assert shop.asked() == 0
    assert shop.plan().steps == ()


def test_what_is_not_preferred_is_counted(shop: Workshop) -> None:
    shop.build()
    told = json.loads((shop.root / "warehouse" / "mixes" / "demo" / "manifest.json").read_bytes())
    assert told["drops"] == {"not among the best by `stars`": 24, "beyond the size asked for": 2}
    assert told["diverse"] == {
        "by": "question",
        "embedder": "words",
        "method": "k_center",
        "available": 12,
        "achieved": 10,
    }
