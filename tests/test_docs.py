"""The reference is held to the code: every example checks without a warning, every key is described."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from tgc import driver, profiles, recipe, registry, source

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
PAGES = ("recipe", "mix", "blend", "emit")
RECIPES = "\n".join((REFERENCE / f"{page}.md").read_text(encoding="utf-8") for page in PAGES)
FILTERS = (REFERENCE / "filters.md").read_text(encoding="utf-8")
PROFILES = (REFERENCE / "profiles.md").read_text(encoding="utf-8")
SECTIONS = (
    recipe.Recipe,
    recipe.Model,
    recipe.Sampling,
    recipe.Values,
    recipe.Turn,
    recipe.Prompt,
    recipe.Text,
    recipe.Score,
    recipe.Map,
    recipe.Query,
    recipe.Examples,
    recipe.Distinct,
    recipe.Mix,
    recipe.Split,
    recipe.Limits,
)


def blocks(text: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def files(text: str) -> dict[str, str]:
    """What stands below a line that ends with the name of a file and a colon."""
    return dict(re.findall(r"`(\w+/[\w./-]+)`:\n```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def described(text: str) -> set[str]:
    """Names in the rows of tables, where keys and options are."""
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    return set(re.findall(r"`\{?([a-z_]+)(?::[^`]*)?`", rows))


@pytest.mark.parametrize("block", [*blocks(RECIPES), *blocks(FILTERS)])
def test_a_recipe_of_the_reference_checks_without_a_warning(block: str, tmp_path: Path) -> None:
    assert block.startswith("name:")
    for name, text in files(RECIPES).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    path = tmp_path / "recipes" / "example.yaml"
    path.write_text(block, encoding="utf-8")
    assert driver.check(path).warnings == ()


@pytest.mark.parametrize("block", blocks(PROFILES))
def test_profiles_of_the_reference_are_profiles(block: str) -> None:
    assert profiles.chosen(source.parse(block, "profiles.yaml"), None).backend == "torch"


def test_examples_and_files_are_found() -> None:
    assert len(blocks(RECIPES)) >= 2
    assert len(blocks(PROFILES)) >= 2
    assert set(files(RECIPES)) == {
        "recipes/shared/physics-and-law.yaml",
        "recipes/chats.jsonl",
        "recipes/preferences.jsonl",
        "recipes/seeds.jsonl",
        "recipes/topics.csv",
        "templates/ask.j2",
        "templates/_tone.j2",
    }


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_is_described(section: type[BaseModel]) -> None:
    keys = {field.alias or name for name, field in section.model_fields.items()}
    assert keys <= described(RECIPES)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("filters", FILTERS), ("formats", RECIPES), ("readers", RECIPES), ("backends", PROFILES)],
)
def test_every_plugin_and_its_options_are_described(kind: registry.Kind, text: str) -> None:
    names = set(re.findall(r"`(?:backend: )?([a-z0-9_]+)[`:]", text))
    for name, plugin in registry.plugins(kind).items():
        assert {name, *plugin.model_fields} - {registry.TAGS[kind]} <= names
