"""The reference of SQL is true: it has every view, column and type, and its examples run."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.granary import fill
from tgc import assets
from tgc.warehouse import Reader, Warehouse
from tgc.warehouse.database import VIEWS
from tgc.warehouse.header import header

TEXT = (Path(__file__).parents[2] / "docs" / "reference" / "sql.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### ([a-z_()]+)\n(.*?)(?=^##)", TEXT, re.MULTILINE | re.DOTALL))
NAMED = TEXT[TEXT.index("\n## Named") : TEXT.index("\n## What")]
GIVEN = {"recipe": "one", "level": "answer"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    with Warehouse.open(tmp_path_factory.mktemp("filled") / "tgc.duckdb") as warehouse:
        fill(warehouse)
        yield warehouse


def columns(reader: Reader, source: str) -> list[tuple[str, str]]:
    described = reader.sql(f"select column_name, lower(column_type) from (describe from {source})")
    return [(name, kind) for name, kind in described.rows()]


def documented(section: str) -> list[tuple[str, str]]:
    return re.findall(r"^\| `(\w+)` \| (.*?) \|", SECTIONS[section], re.MULTILINE)


def test_views_and_macros_have_the_columns_of_the_reference(warehouse: Warehouse) -> None:
    for view in VIEWS:
        assert documented(view) == columns(warehouse, view)
    assert documented("search(words)") == columns(warehouse, "search('a')")
    more = {("request_key", "varchar"), ("git_commit", "varchar"), ("recipe_hash", "varchar")}
    assert set(columns(warehouse, "lineage('0')")) == set(documented("nodes")) | more


@pytest.mark.parametrize("query", re.findall(r"^```sql\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
def test_an_example_of_the_reference_runs(filled: Warehouse, query: str) -> None:
    wanted = {name: value for name, value in GIVEN.items() if f"${name}" in query}
    assert filled.sql(query, **wanted).width


def test_every_named_query_is_in_the_reference_with_its_parameters() -> None:
    listed = dict(re.findall(r"^\| `(\w+)` \| [^|]* \|([^|]*)\|$", NAMED, re.MULTILINE))
    found = {
        path.stem: [setting.name for setting in header(path.read_text(encoding="utf-8")).settings]
        for path in (assets.root() / "warehouse" / "queries").glob("*.sql")
    }
    assert {
        name: ["recipe", *re.findall(r"`([a-z]+)`", options)] for name, options in listed.items()
    } == found
