"""Whole builds of mixes that prefer: the best siblings, and texts that differ."""

import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from tests.echo import EchoSession
from tests.workshop import Workshop
from tgc import driver, embed
from tgc.errors import BackendError
from tgc.executor import embedding
from tgc.planner.steps import Select
from tgc.project import Project

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


MODEL = "diverse: {of: question, embedder: model}"
HUB = "diverse: {of: question, embedder: org/vectors, method: facility_location}"


def test_texts_differ_by_the_states_of_the_model_which_are_made_once(shop: Workshop) -> None:
    shop.edit("size: 10", "size: 5")
    plain = set(mixed(shop))
    shop.edit("diverse: question", MODEL)
    with pytest.raises(BackendError, match="has not made the vectors of all texts that are compared"):
        driver.mix(driver.check(shop.recipe))
    assert set(mixed(shop)) != plain
    shop.asked()
    shop.edit("embedder: model}", "embedder: model, method: facility_location}")
    assert driver.mix(driver.check(shop.recipe)) is not None
    assert shop.asked() == 0
    assert shop.plan().steps == ()


def test_rows_that_differ_by_vectors_are_the_farthest_apart(shop: Workshop) -> None:
    """The first is the first by hash; the next is less like it than any of the first net."""
    shop.edit("size: 10", "size: 2")
    shop.edit("diverse: question", MODEL)
    one, other = (question for question, _ in mixed(shop))
    vectors = EchoSession([], frozenset(), 1).embed([one, other, *shop.texts("question") - {one, other}])
    likes = vectors[1:] @ vectors[0], vectors[[0, *range(2, len(vectors))]] @ vectors[1]
    assert likes[0][0] <= max(0.05, min(map(min, likes)) + 0.05)


def test_an_embedder_is_given_each_text_once_and_is_part_of_the_mix(
    shop: Workshop, embedded: list[str]
) -> None:
    shop.edit("diverse: question", HUB)
    found = mixed(shop)
    assert sorted(embedded) == sorted(shop.texts("question"))
    digits = {text[-1] for text in shop.texts("question")}
    assert len({question[-1] for question, _ in found[:10]}) == len(digits)
    embedded.clear()
    shop.edit("size: 10", "size: 9")
    assert len(mixed(shop)) == 9
    assert embedded == []
    shop.edit("org/vectors", "org/others")
    assert {step.why for step in shop.plan().steps if isinstance(step, Select)} == {"mix changed"}


def test_an_embedder_that_cannot_be_had_is_told_before_anything_is_asked(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    shop.edit("diverse: question", HUB)
    with pytest.raises(BackendError, match="`diverse` needs the package sentence-transformers"):
        shop.build()
    assert shop.asked() == 0


def test_whole_conversations_differ_by_an_embedder_too_and_their_vectors_are_in_use(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []

    def vectors(name: str, revision: str | None, texts: list[str]) -> NDArray[np.float32]:
        given.extend(texts)
        return np.eye(10, dtype=np.float32)[[int(text[-1]) for text in texts]]

    monkeypatch.setattr(embed, "vectors", vectors)
    monkeypatch.setitem(sys.modules, "sentence_transformers", ModuleType("sentence_transformers"))
    shop.edit("diverse: question", HUB.replace("of: question", "of: messages"))
    mixed(shop)
    assert all(len(text.splitlines()) == 2 for text in given)
    program = driver.check(shop.recipe).program
    assert {path.name for path in Project(shop.root).vectors.iterdir()} == embedding.folders(program)
