"""A recipe whose model is put together: what is built, by whom, and what another adapter costs."""

from pathlib import Path

import pytest

import tgc
from tests.engine.test_adapters import lora
from tests.models import tiny

RECIPE = """\
name: small
model: {id: one, merge: [{id: two, weight: 0.5}], adapter: terse}
tree:
  question: {role: user, max_tokens: 8}
  answer: {role: assistant, max_tokens: 8}
emit: [{format: messages, path: mix.jsonl, on_violation: drop}]
"""


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe in a project with two models and two adapters."""
    for folder in ("recipes", "warehouse"):
        (tmp_path / folder).mkdir()
    one, _ = (tiny(tmp_path / name, seed=seed) for seed, name in enumerate(("one", "two")))
    lora(one, tmp_path / "terse", target_modules=["q_proj"])
    lora(one, tmp_path / "kind", target_modules=["v_proj"])
    path = tmp_path / "recipes" / "small.yaml"
    path.write_text(RECIPE)
    monkeypatch.chdir(tmp_path)
    return path


def test_another_adapter_asks_everything_again_and_the_same_one_nothing(recipe: Path) -> None:
    assert tgc.build(recipe) is not None
    assert tgc.build(recipe) is None
    assert written_by(recipe) == [("0.5 one + 0.5 two + terse", 2)]
    recipe.write_text(RECIPE.replace("terse", "kind"))
    assert tgc.build(recipe) is not None
    assert written_by(recipe) == [("0.5 one + 0.5 two + kind", 2)]


def written_by(recipe: Path) -> list[tuple[str, int]]:
    with tgc.open(recipe.parent) as warehouse:
        return warehouse.sql("select model, count(*) as nodes from nodes group by all").rows()
