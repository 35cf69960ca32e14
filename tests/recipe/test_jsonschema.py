"""The schema for editors: it takes what is sound, underlines what is not, and says what every key means."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import Field

from tgc import assets, profiles, recipe, registry, source
from tgc.filters.base import Filter
from tgc.recipe import jsonschema

RECIPES = Path(__file__).parents[1] / "recipes"
SOUND = [*(assets.root() / "recipes").glob("*.yaml"), *(RECIPES / "good").glob("*.yaml")]
FORM = {
    *("unknown-key", "wrong-type", "missing-key", "out-of-range", "level-kind", "bad-name"),
    *("unknown-filter", "unknown-format", "bad-answers"),
}
"""Codes of what can be told by the form of a recipe, without looking up any name."""

OF_YAML = {"duplicate-key", "unknown-tag", "yaml-syntax"}
"""Codes of what an editor says without any schema."""

OF_SEVERAL = {"out-of-range-score.yaml", "wrong-scale-weighed.yaml"}
"""Where one key is wrong because of what another says, which no form can tell."""

SCHEMA = jsonschema.recipe()
EDITOR = Draft7Validator(SCHEMA)


def has_mistake_of_form(path: Path) -> bool:
    """Whether there is one in the recipe itself, not in what it includes."""
    said = path.with_suffix(".out").read_text()
    found = re.findall(r"^error\[([a-z-]+)\].*\n +--> (\S+?):", said, re.MULTILINE)
    own = {code for code, name in found if name == path.name}
    return bool(own & FORM) and not own & OF_YAML and path.name not in OF_SEVERAL


UNSOUND = [path for path in sorted((RECIPES / "bad").glob("*.yaml")) if has_mistake_of_form(path)]


def underlined(value: object) -> list[str]:
    return [error.json_path for error in EDITOR.iter_errors(value)]


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)
    Draft7Validator.check_schema(jsonschema.of(profiles.Profiles, "Profiles"))


def test_the_schema_beside_the_gallery_is_fresh() -> None:
    held = (assets.root() / "recipes" / "recipe.schema.json").read_text(encoding="utf-8")
    assert held == jsonschema.text(jsonschema.recipe()), (
        "`tgc schema -o recipes/recipe.schema.json` writes it"
    )


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.stem)
def test_a_sound_recipe_is_not_underlined(path: Path) -> None:
    assert underlined(source.load(path, path.name).value) == []


@pytest.mark.parametrize("path", UNSOUND, ids=lambda path: path.stem)
def test_a_mistake_of_form_is_underlined(path: Path) -> None:
    assert underlined(source.load(path, path.name).value)


@pytest.mark.parametrize(
    ("level", "place"),
    [
        ({"role": "user", "brunch": 2}, "$.tree.level"),
        ({"values": "topics.csv", "branch": 2}, "$.tree.level"),
        ({"role": "robot"}, "$.tree.level.role"),
        ({"prompt": "Ask.", "answers": {"list": {"list": "str"}}}, "$.tree.level.answers"),
        ({"score": "Good?", "answers": "text"}, "$.tree.level.answers"),
        ({"role": "user", "sampling": {"temperature": -1}}, "$.tree.level.sampling.temperature"),
    ],
)
def test_what_is_wrong_is_underlined_where_it_stands(level: object, place: str) -> None:
    assert underlined({"name": "x", "tree": {"level": level}}) == [place]


@pytest.mark.parametrize(
    "answers", ["text", "easy | hard", "-1..5", {"list": "str"}, {"a": "bool", "b": "1..3"}]
)
def test_every_shape_of_an_answer_is_known(answers: object) -> None:
    assert underlined({"name": "x", "tree": {"level": {"prompt": "Ask.", "answers": answers}}}) == []


def test_a_recipe_that_includes_others_may_change_parts_of_their_levels() -> None:
    assert underlined({"include": "base.yaml", "tree": {"question": {"branch": 3}}}) == []
    assert underlined({"include": "base.yaml", "tree": {"question": {"brunch": 3}}}) == ["$.tree.question"]
    assert underlined({"tree": {}}) == ["$"]


@pytest.mark.parametrize("kind", ["filters", "formats"])
def test_every_plug_in_is_described_with_its_options(kind: registry.Kind) -> None:
    text = json.dumps(SCHEMA)
    for name, plugin in registry.plugins(kind).items():
        assert f'"{name}"' in text
        assert all(f'"{option}"' in text for option in plugin.model_fields)


class Loud(Filter):
    """Reject texts that shout."""

    kind: Literal["loud"] = "loud"
    capitals: int = Field(default=3, ge=0, description="The most capitals in a row.")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Filter]]:
    """A filter of another package, found by its entry point."""
    entry = EntryPoint("loud", f"{__name__}:Loud", "tgc.filters")
    found = EntryPoints([entry])
    monkeypatch.setattr(registry, "entry_points", lambda group: found.select(group=group))
    registry.plugins.cache_clear()
    yield Loud
    registry.plugins.cache_clear()


def test_a_filter_of_another_package_is_known(installed: type[Filter]) -> None:
    editor = Draft7Validator(jsonschema.recipe())
    kinds = {"sound": {"kind": "loud", "capitals": 5}, "unsound": {"kind": "loud", "capitals": -1}}
    found = {
        name: editor.is_valid({"name": "x", "tree": {}, "filters": [kind]}) for name, kind in kinds.items()
    }
    assert found == {"sound": True, "unsound": False}
    assert str(installed.model_fields["capitals"].description) in jsonschema.text(jsonschema.recipe())


def test_every_key_says_what_it_means() -> None:
    keys = {**SCHEMA["properties"]}
    for name, definition in SCHEMA["definitions"].items():
        keys |= {f"{name}.{key}": says for key, says in definition["properties"].items()}
    silent = [key for key, says in keys.items() if "const" not in says and not says_something(says)]
    assert silent == []


def says_something(key: dict[str, Any]) -> bool:
    referred = SCHEMA["definitions"].get(key.get("$ref", "").rpartition("/")[2], {})
    return bool(key.get("description") or referred.get("description"))


WHOLE: dict[str, Any] = {
    "name": "whole",
    "seed": 7,
    "model": {"id": "org/name", "revision": "main"},
    "models": {"judge": "org/judge"},
    "sampling": {"temperature": 0.5, "top_p": 0.9},
    "vars": {"tone": "dry"},
    "tree": {
        "topic": {"values": ["a", {"name": "b"}], "tags": ["seeds"]},
        "stored": {"values": {"sql": "select 1"}, "speaks": "user"},
        "question": {"role": "user", "branch": 4, "distinct": {"by": "mmr", "oversample": 1.5}, "depth": 2},
        "answer": {"role": "assistant", "system": "Be {{ tone }}.", "stop": ["."], "when": "{{ topic }}"},
        "list": {
            "prompt": "Ask.",
            "answers": {"list": {"q": "str", "hard": "easy | hard"}},
            "speaks": "user",
        },
        "page": {"text": "It was", "examples": {"from": "seeds.jsonl", "k": 2}, "sampling": {"top_k": 5}},
        "grade": {"score": "Good?", "answers": "1..5", "model": "judge", "max_tokens": 4},
        "brief": {"map": "{{ answer }}", "under": "answer"},
    },
    "filters": [{"kind": "refusal", "level": "answer"}],
    "mix": {"size": 8, "balance": ["topic"], "split": {"validation": 0.25, "by": "topic"}},
    "emit": [{"format": "llava", "path": "mix.json"}],
    "limits": {"nodes": 100},
}
ODD = [
    None,
    True,
    0,
    -1,
    3,
    0.5,
    99,
    "",
    "text",
    "user",
    "a|b",
    "1..3",
    "a |",
    [],
    ["x"],
    [1],
    {},
    {"sql": "x"},
]
KEYS = [
    "name",
    "branch",
    "role",
    "values",
    "prompt",
    "score",
    "answers",
    "kind",
    "format",
    "by",
    "list",
    "train",
    "x y",
]


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where the keys of mappings are, outermost first."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*path, key)
            yield from places(item, (*path, key))


PLACES = [
    place for place in places(WHOLE) if place[0] not in {"filters", "emit"} or place[-1] in {"kind", "format"}
]
"""Where a mistake is made; options of plug-ins are left out, for pydantic reads `"8"` as a number there."""


@st.composite
def mistaken(draw: st.DrawFn) -> dict[str, Any]:
    """A recipe in which a key has another value, is gone, or has a neighbour."""
    value: dict[str, Any] = deepcopy(WHOLE)
    *above, key = draw(st.sampled_from(PLACES))
    owner: Any = value
    for step in above:
        owner = owner[step]
    match draw(st.sampled_from(["other", "gone", "more"])):
        case "gone":
            del owner[key]
        case "more":
            owner[draw(st.sampled_from(KEYS))] = draw(st.sampled_from(ODD))
        case _:
            owner[key] = draw(st.sampled_from(ODD))
    return value


@given(mistaken())
def test_editors_and_the_compiler_agree(value: dict[str, Any]) -> None:
    reading = recipe.read(source.parse(json.dumps(value), "x.yaml"))
    assert bool(underlined(value)) == bool(reading.problems)
