"""A recipe may ask the warehouse for its values, whether there is a warehouse yet or not."""

from pathlib import Path

import pytest

from tests.granary import fill
from tgc.errors import UsageError
from tgc.warehouse import Warehouse, answer


def test_an_answer_is_rows_by_column(path: Path) -> None:
    with Warehouse.open(path) as warehouse:
        fill(warehouse)
    query = "select text, level from nodes where role is not null order by depth"
    assert answer(path, query) == [{"text": "Why?", "level": "question"}, {"text": "So.", "level": "answer"}]


@pytest.mark.parametrize("query", ["select * from nodes", "select leaf_id from conversations", "from runs"])
def test_without_a_warehouse_there_are_no_rows_and_none_is_created(query: str, path: Path) -> None:
    path.parent.mkdir()
    assert answer(path, query) == []
    assert not list(path.parent.iterdir())


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize(
    "query",
    [
        "select nothing from nodes",
        "select from",
        "",
        "delete from node",
        "select 1; select 2",
        "from read_csv('/etc/passwd')",
    ],
)
def test_a_query_that_cannot_be_answered_is_refused_even_without_a_warehouse(
    query: str, exists: bool, path: Path
) -> None:
    if exists:
        Warehouse.open(path).__exit__(None, None, None)
    with pytest.raises(UsageError):
        answer(path, query)
    assert path.exists() == exists
