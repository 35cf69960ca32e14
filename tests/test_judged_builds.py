"""A recipe whose answers a model judges, built."""

import shutil
from pathlib import Path

import pytest

import tgc
from tests.models import tiny

RECIPE = """\
name: judged
model: one
tree:
  topic: {values: [physics, law]}
  question: {role: user, system: "Of {{ topic }}.", max_tokens: 8, branch: 6}
  stars: {score: "Rate {{ question }}.", branch: 3, max_tokens: 4, sampling: {temperature: 4.0}}
  level: {score: "How hard is {{ question }}?", under: question, answers: hard | easy, max_tokens: 8}
filters:
  - {kind: score, level: stars, min: 2}
  - {kind: score, level: level, accept: [hard]}
emit: []
"""
PROFILES = "default: here\nhere: {backend: torch, device: cpu, batch_size: 5}\n"


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe in a project with a model."""
    for folder in ("recipes", "warehouse"):
        (tmp_path / folder).mkdir()
    tiny(tmp_path / "one")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "recipes" / "judged.yaml"
    path.write_text(RECIPE)
    return path


def judged(recipe: Path) -> list[tuple[str, int, str, int]]:
    """What was said of each question, in how many tokens."""
    tgc.build(recipe)
    query = """
    select j.level, j.ordinal, j.text, j.completion_tokens
    from nodes as j
    where j.level in ('stars', 'level')
    order by j.node_id
    """
    with tgc.open(recipe.parent) as warehouse:
        return [
            (level, ordinal, text, tokens) for level, ordinal, text, tokens in warehouse.sql(query).rows()
        ]


def test_a_judge_says_nothing_but_its_options(recipe: Path) -> None:
    said = judged(recipe)
    assert len(said) == 2 * 6 * (3 + 1)
    assert {text for level, _, text, _ in said if level == "stars"} <= {"1", "2", "3", "4", "5"}
    assert {text for level, _, text, _ in said if level == "level"} <= {"hard", "easy"}
    assert len({text for level, _, text, _ in said if level == "stars"}) > 1
    assert all(tokens > 0 for _, _, _, tokens in said)


def test_a_judge_says_the_same_in_other_batches(recipe: Path, tmp_path: Path) -> None:
    said = judged(recipe)
    shutil.rmtree(tmp_path / "warehouse")
    (tmp_path / "warehouse").mkdir()
    (recipe.parent / "profiles.yaml").write_text(PROFILES)
    assert judged(recipe) == said
