"""A recipe whose judges weigh their options in place of drawing one, built."""

import json
from math import fsum
from pathlib import Path

import pytest

import tgc
from tests.models import beside_a_model

RECIPE = """\
name: weighed
model: one
tree:
  topic: {values: [physics, law]}
  question: {role: user, system: "Of {{ topic }}.", max_tokens: 8, branch: 4}
  stars: {score: "Rate {{ question }}.", answers: {weighed: 1..5}, max_tokens: 4}
  level: {score: "How hard is {{ question }}?", under: question, answers: {weighed: hard | easy}, max_tokens: 8}
  note: {prompt: "{{ level }}: {{ level.hard > level.easy }}", max_tokens: 4}
filters:
  - {kind: score, level: stars, min: 2.9}
  - {kind: score, level: level, accept: [hard]}
  - {kind: length, level: note, max_tokens: 3}
mix: {best: {by: stars}}
emit: []
"""


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return beside_a_model(tmp_path, RECIPE)


def rows(recipe: Path, query: str) -> list[tuple[object, ...]]:
    with tgc.open(recipe.parent) as warehouse:
        return warehouse.sql(query).rows()


def test_a_score_is_expected_of_a_scale_and_the_likeliest_of_a_choice(recipe: Path) -> None:
    outcome = tgc.build(recipe)
    assert outcome
    assert outcome.status == "done"
    stars = rows(recipe, "select text, value from nodes where level = 'stars'")
    levels = rows(recipe, "select text, value from nodes where level = 'level'")
    assert (len(stars), len(levels)) == (8, 8)
    for text, value in stars:
        shares = {int(mark): share for mark, share in json.loads(str(value)).items()}
        assert list(shares) == [1, 2, 3, 4, 5]
        assert float(str(text)) == pytest.approx(
            fsum(mark * share for mark, share in shares.items()), rel=1e-4
        )
    for text, value in levels:
        shares = json.loads(str(value))
        assert text == max(shares, key=shares.__getitem__)
    assert len({text for text, _ in stars}) > 1


def test_filters_go_by_what_was_expected(recipe: Path) -> None:
    tgc.build(recipe)
    judged = """
        select distinct (score >= 2.9) = kept, score::float = nodes.text::float
        from verdicts
        join nodes on nodes.parent_id = verdicts.node_id and nodes.level = 'stars'
        where filter = 'score'
    """
    assert rows(recipe, judged) == [(True, True)]


def test_what_was_weighed_is_held(recipe: Path) -> None:
    tgc.build(recipe)
    assert tgc.build(recipe) is None
    recipe.write_text(RECIPE.replace("min: 2.9", "min: 3.1"))
    assert tgc.plan(recipe).new == 0


def test_no_sampling_moves_what_is_weighed(recipe: Path) -> None:
    tgc.build(recipe)
    drawn = RECIPE.replace("max_tokens: 8, branch", "sampling: {temperature: 1}, max_tokens: 8, branch")
    drawn = drawn.replace('}", max_tokens: 4}', '}", sampling: {temperature: 1}, max_tokens: 4}')
    recipe.write_text(drawn.replace("tree:", "sampling: {temperature: 0.3}\ntree:"))
    assert tgc.plan(recipe).new == 0


def test_to_draw_is_another_level(recipe: Path) -> None:
    tgc.build(recipe)
    recipe.write_text(RECIPE.replace("{weighed: 1..5}", "1..5"))
    lacking = {level.level.name: level.new for level in tgc.plan(recipe).levels}
    assert lacking == {"topic": 0, "question": 0, "stars": 8, "level": 0, "note": 0}
