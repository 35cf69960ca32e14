import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgc import source
from tgc.errors import RecipeError, UsageError

RECIPE = "name: x\nvars: {tone: friendly, n: 3}\n"
SCALARS = [
    "stern",
    "7",
    "0.5",
    "true",
    "no",
    '"7"',
    "~",
    "[a, {b: c}]",
    "a # why",
    "http://x",
    "=",
    "'it''s'",
]


@pytest.mark.parametrize("text", SCALARS)
def test_an_override_is_an_edit_of_the_recipe(text: str) -> None:
    edited = source.parse(f"name: x\nvars:\n  tone: {text}\n  n: 3\n", "x.yaml")
    assert _overridden(tone=text).canonical() == edited.canonical()


def test_its_place_is_what_was_typed() -> None:
    span = _overridden(tone="[a, stern]").at("vars", "tone", 1)
    assert (span.path, span.line, span.column, span.length) == ("--vars", 1, 17, 5)
    assert span.text == "--vars tone=[a, stern]"


def test_names_and_all_else_keep_their_places() -> None:
    document, overridden = source.parse(RECIPE, "x.yaml"), _overridden(n="4")
    assert overridden.path == document.path
    assert overridden.keys == document.keys
    assert overridden.at("vars", "tone") == document.at("vars", "tone")
    assert overridden.at() == document.at()


@given(st.text(max_size=12), st.sampled_from(["tone", "n"]))
def test_any_text_is_a_value_or_a_diagnostic_on_the_option(text: str, name: str) -> None:
    try:
        places = [_overridden(**{name: text}).at("vars", name)]
    except RecipeError as error:
        places = [problem.span for problem in error.diagnostics if problem.span]
    assert {place.path for place in places} == {"--vars"}


@pytest.mark.parametrize(
    ("text", "column"),
    [("[1", 15), ("Law: an introduction", 16), ("- a", 13), ("*a", 13), ("{a: 1, a: 2}", 20)],
)
def test_what_could_not_stand_in_the_recipe_is_shown(text: str, column: int) -> None:
    with pytest.raises(RecipeError) as caught:
        _overridden(tone=text)
    assert [problem.span and problem.span.column for problem in caught.value.diagnostics] == [column]


def test_only_what_the_recipe_declares_can_be_overridden() -> None:
    with pytest.raises(UsageError, match="has no `ton` under `vars`") as caught:
        _overridden(ton="stern")
    assert caught.value.hint == "a similar name is known: `tone`"
    with pytest.raises(UsageError):
        source.override(source.parse("name: x", "x.yaml"), {"tone": "stern"})


def test_vars_that_are_no_mapping_are_left_to_the_check() -> None:
    document = source.parse("vars: [tone]", "x.yaml")
    assert source.override(document, {"tone": "stern"}) is document


def _overridden(**variables: str) -> source.Document:
    return source.override(source.parse(RECIPE, "x.yaml"), variables)
