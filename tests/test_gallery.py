"""The gallery: every recipe is short, says what it makes, and checks without a warning; templates say theirs."""

from pathlib import Path

import pytest

from tgc import assets, driver
from tgc.recipe import jsonschema

RECIPES = sorted((assets.root() / "recipes").glob("*.yaml"))
TEMPLATES = sorted((assets.root() / "templates").rglob("*.j2"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_checks_without_a_warning(recipe: Path) -> None:
    assert driver.check(recipe).warnings == ()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_says_what_it_makes_and_costs(recipe: Path) -> None:
    lines = recipe.read_text(encoding="utf-8").splitlines()
    assert lines[0] == jsonschema.pointer("recipe.schema.json")
    assert [line.partition(":")[0] for line in lines[1:4]] == ["# What", "# Rows", "# Cost"]
    assert len(lines) <= 60


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_says_what_it_is_given(template: Path) -> None:
    assert template.read_text(encoding="utf-8").startswith("{# given: ")


def test_nothing_bundled_is_python() -> None:
    folders = ("recipes", "templates", "warehouse")
    assert not [path for folder in folders for path in (assets.root() / folder).rglob("*.py")]
