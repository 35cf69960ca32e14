"""A recipe whose answers are scored by how likely a model finds them, built."""

from math import inf
from pathlib import Path

import pytest

import tgc
from tests.models import beside_a_model
from tgc.backends.base import Said
from tgc.backends.torch import TorchBackend
from tgc.dialogue import Message
from tgc.likelihood import ifd
from tgc.origin import Origin

RECIPE = """\
name: measured
model: one
tree:
  topic: {values: [physics, law]}
  question: {role: user, system: "Of {{ topic }}.", max_tokens: 8, branch: 3}
  answer: {role: assistant, max_tokens: 12}
  ifd: {score: ifd}
  odd: {score: perplexity, under: question}
  plain: {score: perplexity, under: topic}
filters:
  - {kind: score, level: ifd, max: 1.0}
  - {kind: score, level: odd, max: 1000000}
  - {kind: score, level: plain, min: 1}
emit: [{format: llava, path: mix.json}]
"""


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return beside_a_model(tmp_path, RECIPE)


def texts(recipe: Path, level: str) -> dict[tuple[str, int], str]:
    """The texts of a level by the topic and ordinal of their questions."""
    query = f"""
    select t.text, q.ordinal, n.text
    from nodes as n
    join nodes as q on q.node_id = n.node_id or q.node_id = n.parent_id
        or q.node_id = (select parent_id from nodes where node_id = n.parent_id)
    join nodes as t on t.node_id = q.parent_id
    where n.level = '{level}' and q.level = 'question'
    """
    with tgc.open(recipe.parent) as warehouse:
        return {(topic, place): text for topic, place, text in warehouse.sql(query).rows()}


def test_a_measure_is_the_models_own_likelihood_and_nothing_is_drawn(recipe: Path) -> None:
    outcome = tgc.build(recipe)
    assert outcome
    assert outcome.status == "done"
    questions, answers = texts(recipe, "question"), texts(recipe, "answer")
    measured, odd = texts(recipe, "ifd"), texts(recipe, "odd")
    session = TorchBackend(device="cpu").on("cpu", Origin(str(recipe.parents[1] / "one")))
    for place, answer in answers.items():
        opening = Message("system", f"Of {place[0]}.")
        chat = (opening, Message("user", questions[place]))
        after, alone, asked = session.score(
            [
                Said(chat, "assistant", answer),
                Said((), None, answer),
                Said((opening,), "user", questions[place]),
            ]
        )
        assert after
        assert alone
        assert asked
        assert float(measured[place]) == pytest.approx(ifd(after, alone) if answer else inf, rel=1e-4)
        assert float(odd[place]) == pytest.approx(asked.perplexity if asked.tokens else inf, rel=1e-4)
    with tgc.open(recipe.parent) as warehouse:
        drawn = warehouse.sql("select distinct completion_tokens from nodes where level in ('ifd', 'plain')")
    assert drawn.rows() == [(0,)]


def test_what_was_measured_is_held_and_judged_by_like_any_score(recipe: Path) -> None:
    tgc.build(recipe)
    with tgc.open(recipe.parent) as warehouse:
        said = warehouse.sql("""
            select distinct (verdicts.score <= 1) = verdicts.kept, verdicts.score::float = nodes.text::float
            from verdicts
            join nodes on nodes.parent_id = verdicts.node_id and nodes.level = 'ifd'
        """)
    assert said.rows() == [(True, True)]
    assert tgc.build(recipe) is None
    recipe.write_text(RECIPE.replace("max: 1.0", "max: 0.5"))
    assert tgc.plan(recipe).new == 0


def test_another_measure_is_another_level(recipe: Path) -> None:
    tgc.build(recipe)
    recipe.write_text(RECIPE.replace("ifd: {score: ifd}", "ifd: {score: perplexity}"))
    lacking = {level.level.name: level.new for level in tgc.plan(recipe).levels}
    assert lacking == {"topic": 0, "question": 0, "answer": 0, "ifd": 6, "odd": 0, "plain": 0}
