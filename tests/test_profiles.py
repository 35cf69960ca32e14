"""`profiles.yaml` says where recipes run, and what is wrong in it is said like what is wrong in a recipe."""

import pytest

from tgc import profiles, source
from tgc.errors import Diagnostic, RecipeError, UsageError

TWO = "here: {backend: torch}\nthere: {backend: torch, device: cuda}\n"


def test_an_only_profile_is_the_default() -> None:
    assert profiles.parse(_document("here: {backend: torch}")).default == "here"


@pytest.mark.parametrize(
    ("text", "name", "device"),
    [
        (TWO + "default: there", None, "cuda"),
        (TWO + "default: there", "here", "auto"),
        (TWO, "there", "cuda"),
    ],
)
def test_the_profile_that_is_named_comes_before_the_default(text: str, name: str | None, device: str) -> None:
    assert profiles.chosen(_document(text), name).model_dump()["device"] == device


def test_of_several_profiles_one_is_named() -> None:
    with pytest.raises(RecipeError, match="several profiles and no `default`") as caught:
        profiles.chosen(_document(TWO), None)
    assert [problem.code for problem in caught.value.diagnostics] == ["missing-key"]


def test_a_profile_that_is_not_there_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no profile `hree`") as caught:
        profiles.chosen(_document(TWO), "hree")
    assert caught.value.hint == "a similar name is known: `here`"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("- here", ["wrong-type"]),
        ("{}", ["missing-key"]),
        ("here: torch", ["wrong-type"]),
        ("here: {device: cpu}", ["missing-key"]),
        ("default: 3\n" + TWO, ["wrong-type"]),
        ("default: her\nhere: {backend: torch}", ["unknown-profile"]),
        ("here: {backend: torhc, batch_sz: 4}", ["unknown-backend"]),
        ("here: {backend: torch, batch_sz: 4, devise: cpu}", ["unknown-key", "unknown-key"]),
        ("default: her\nhere: {backend: torhc}", ["unknown-profile", "unknown-backend"]),
    ],
)
def test_every_mistake_is_found_at_once(text: str, codes: list[str]) -> None:
    assert [problem.code for problem in _problems(text)] == codes


def test_an_unknown_backend_is_shown_with_the_nearest_name() -> None:
    (problem,) = _problems("here: {backend: torhc}")
    assert (problem.message, problem.hint) == (
        "there is no backend `torhc`",
        "a similar name is known: `torch`",
    )
    assert problem.span is not None
    assert (problem.span.column, problem.span.length) == (17, 5)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("0", "more than 0 or `auto`"),
        ("many", "a whole number or `auto`"),
        ("2.5", "a whole number or `auto`"),
    ],
)
def test_what_may_be_one_thing_or_another_is_one_mistake(value: str, wanted: str) -> None:
    (problem,) = _problems(f"here: {{backend: torch, batch_size: {value}}}")
    assert problem.message == f"`batch_size` should be {wanted}, not `{value}`"


def _problems(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(RecipeError) as caught:
        profiles.parse(_document(text))
    return caught.value.diagnostics


def _document(text: str) -> source.Document:
    return source.parse(text, "profiles.yaml")
