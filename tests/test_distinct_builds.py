"""A recipe whose siblings are to be distinct, built by a model."""

from pathlib import Path

import pytest

import tgc
from tests.models import tiny

RECIPE = """\
name: small
model: one
tree:
  topic: {values: [physics, law]}
  question: {role: user, system: "Of {{ topic }}.", max_tokens: 8, branch: 6, sampling: {temperature: 0}}
emit: []
"""
DISTINCT = RECIPE.replace("temperature: 0", "temperature: 0, siblings: distinct")


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe in a project with a model."""
    for folder in ("recipes", "warehouse"):
        (tmp_path / folder).mkdir()
    tiny(tmp_path / "one")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "recipes" / "small.yaml"


def build(recipe: Path, text: str) -> dict[tuple[str, int], str]:
    """What was written, by topic and ordinal."""
    recipe.write_text(text)
    tgc.build(recipe)
    query = """
    select t.text as topic, q.ordinal, q.text
    from nodes as q
    join nodes as t on q.parent_id = t.node_id
    where q.level = 'question'
    """
    with tgc.open(recipe.parent) as warehouse:
        return {(topic, ordinal): text for topic, ordinal, text in warehouse.sql(query).rows()}


def kinds(texts: dict[tuple[str, int], str]) -> list[int]:
    """How many different texts there are of each topic."""
    return [
        len({text for (about, _), text in texts.items() if about == topic}) for topic in ("physics", "law")
    ]


def test_siblings_at_temperature_zero_are_equal_unless_they_are_to_be_distinct(recipe: Path) -> None:
    assert kinds(build(recipe, RECIPE)) == [1, 1]
    assert kinds(build(recipe, DISTINCT)) == [6, 6]


def test_more_siblings_are_appended_to_those_that_there_are(recipe: Path) -> None:
    some = build(recipe, DISTINCT.replace("branch: 6", "branch: 3"))
    more = build(recipe, DISTINCT)
    assert len(more) == 12
    assert some.items() <= more.items()
