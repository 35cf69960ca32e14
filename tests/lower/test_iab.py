"""IAB Tech Lab's content taxonomies are lists of topics, in every version."""

import json
from pathlib import Path

import pytest

from tgc.errors import Diagnostic, RecipeError
from tgc.lower import values

IAB = Path(__file__).parents[3] / "shared" / "data" / "iab_taxonomy" / "Content Taxonomies"
shared = pytest.mark.skipif(
    not IAB.exists(), reason="IAB's taxonomies are not beside the checkout (../shared/data/iab_taxonomy)"
)

FOUR = frozenset({"tier_1", "tier_2", "tier_3", "tier_4"})
GROUPS = "Relational ID System\t\t\tTiers\t\tExtension\t\r\n"
NAMES = "Unique ID\tParent\tName\tTier 1\tTier 2\t\t\r\n"
TOPICS = (
    "1\t\tMusic\tMusic\t\t\t\r\n2\t1\tJazz\u00a0 Age\tMusic\tJazz\u00a0Age\tSCD\t\r\n\t\t\t\t\t\t\r\n\r\n"
)

MUSIC = {"id": "1", "parent": "", "name": "Music", "path": "Music", "tier_1": "Music", "tier_2": ""}
JAZZ = {"id": "2", "parent": "1", "name": "Jazz Age", "path": "Music > Jazz Age"} | {
    "tier_1": "Music",
    "tier_2": "Jazz Age",
}


def _load(text: str, folder: Path) -> list[dict[str, str]]:
    (folder / "a.tsv").write_text(text, encoding="utf-8", newline="")
    return [json.loads(value.data or "") for value in values.load(folder / "a.tsv", "a.tsv")]


def _problems(text: str, folder: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(RecipeError) as caught:
        _load(text, folder)
    return caught.value.diagnostics


def test_a_column_without_a_name_is_named_after_its_group(tmp_path: Path) -> None:
    assert _load(GROUPS + NAMES + TOPICS, tmp_path) == [
        MUSIC | {"extension": ""},
        JAZZ | {"extension": "SCD"},
    ]


def test_the_names_may_stand_in_the_first_row(tmp_path: Path) -> None:
    assert _load(NAMES + TOPICS.replace("SCD", ""), tmp_path) == [MUSIC, JAZZ]


def test_the_first_version_tells_parents_by_their_codes(tmp_path: Path) -> None:
    text = "IAB Code\tTier\tIAB Category\nIAB1\tTier 1\tMusic\nIAB1-1\tTier 2\tJazz Age\n"
    assert _load(text, tmp_path) == [MUSIC | {"id": "IAB1"}, JAZZ | {"id": "IAB1-1", "parent": "IAB1"}]


def test_topics_of_one_name_are_told_apart_by_their_places(tmp_path: Path) -> None:
    text = NAMES + "1\t\tA\tA\t\t\t\n2\t\tB\tB\t\t\t\n3\t1\tX\tA\tX\t\t\n4\t2\tX\tB\tX\t\t\n"
    assert [topic["path"] for topic in _load(text, tmp_path)] == ["A", "B", "A > X", "B > X"]


def test_a_table_that_only_has_ids_is_none_of_them(tmp_path: Path) -> None:
    assert _load("id\ttier\tname\n1\t2\tx\n", tmp_path) == [{"id": "1", "tier": "2", "name": "x"}]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1\t7\tA\tA\t\t\t\n", [("the parent of `A` is `7`, and no topic has that id", 3)]),
        ("1\t\tA\tA\t\t\t\n\n1\t\tB\tB\t\t\t\n", [("two topics have the id `1`", 5)]),
        ("1\t2\tA\tA\t\t\t\n2\t1\tB\tB\t\t\t\n", [("`A` is below itself", 3)]),
        ("1\t\tA\tA\n", [("the header has 7 columns, this row has 4", 3)]),
        ("1\t\tA\tA\t\t\tB\n", [("`B` stands in a column without a name", 3)]),
        ("1\t\t \tA\t\t\t\n", [('`{"id": "1", "parent": "", "name": "", "t` is not a value', 3)]),
    ],
)
def test_a_broken_taxonomy_is_blamed_at_its_own_line(
    text: str, found: list[tuple[str, int]], tmp_path: Path
) -> None:
    problems = _problems(GROUPS + NAMES + text, tmp_path)
    assert [(problem.message, problem.span and problem.span.line) for problem in problems] == found


def test_no_column_may_be_named_twice(tmp_path: Path) -> None:
    (problem,) = _problems(NAMES.replace("\t\t\r", "\tTier 2\t\r") + TOPICS, tmp_path)
    assert (problem.message, problem.span and problem.span.line) == ("two columns are called `tier_2`", 1)


@shared
@pytest.mark.parametrize(
    ("version", "topics", "fields"),
    [
        ("1.0", 392, frozenset({"tier_1", "tier_2"})),
        ("2.0", 1179, FOUR),
        ("2.1", 1179, FOUR | {"extension"}),
        ("2.2", 1196, FOUR | {"extension"}),
        ("3.0", 703, FOUR | {"extension"}),
        ("3.0 Descriptive Vectors", 47, FOUR | {"extension"}),
        ("3.1", 704, FOUR | {"extension"}),
    ],
)
def test_every_version_imports_as_it_is(version: str, topics: int, fields: frozenset[str]) -> None:
    name = f"Content Taxonomy {version}.tsv"
    found = values.load(IAB / name, name)
    assert len(found) == topics
    assert values.common_fields(found) == fields | {"id", "parent", "name", "path"}


@shared
def test_a_topic_of_the_latest_version_knows_its_place() -> None:
    found = values.load(IAB / "Content Taxonomy 3.1.tsv", "3.1")
    (sedan,) = (json.loads(value.data or "") for value in found if value.text == "Sedan")
    assert sedan == {
        "id": "4",
        "parent": "2",
        "name": "Sedan",
        "path": "Automotive > Auto Body Styles > Sedan",
        "tier_1": "Automotive",
        "tier_2": "Auto Body Styles",
        "tier_3": "Sedan",
        "tier_4": "",
        "extension": "",
    }
