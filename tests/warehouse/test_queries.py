"""Views, macros and named queries answer in SQL, and SQL can do no harm."""

from pathlib import Path

import polars as pl
import pytest

from tests.granary import BIG, NO_FAILURES, NO_PICKS, dialogue, fill
from tgc import assets
from tgc.catalog import FAILURES, MIX_ROWS, VERDICTS
from tgc.errors import UsageError
from tgc.fingerprint import spell
from tgc.warehouse import Warehouse


def test_an_emitted_row_traces_to_its_nodes(warehouse: Warehouse) -> None:
    fill(warehouse)
    warehouse.keep("one", {})
    traced = warehouse.sql(f"select recipe, level, text, git_commit from lineage('{spell(3)}')")
    assert traced.rows() == [("one", level, text, "abc") for level, text in
                             (("topic", "law"), ("question", "Why?"), ("answer", "So."))]  # fmt: skip


def test_a_conversation_begins_with_a_user_and_ends_with_an_assistant(warehouse: Warehouse) -> None:
    fill(warehouse)
    row = warehouse.sql("select * from conversations").row(0, named=True)
    assert row == {
        "leaf_id": spell(3),
        "recipe": "one",
        "level": "answer",
        "turns": 1,
        "messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}],
        "topic": ["law"],
        "tokens": 5,
    }


def test_failures_are_listed_until_answered(warehouse: Warehouse) -> None:
    row: list[object] = [["answer", 3, BIG, "a", "refused by the server", 1]]
    failed = pl.DataFrame(row, schema=FAILURES, orient="row")
    warehouse.append("one", dialogue()[:2], NO_PICKS, failed)
    query = (assets.root() / "warehouse" / "queries" / "failures.sql").read_text(encoding="utf-8")
    assert warehouse.sql(query)["reason"].to_list() == ["refused by the server"]
    warehouse.append("one", dialogue()[2:], NO_PICKS, NO_FAILURES)
    assert warehouse.sql(query).is_empty()


@pytest.mark.parametrize(
    "query",
    [
        "delete from node",
        "with gone as (delete from node returning *) select * from gone",
        "select 1; select 2",
        "select * from read_csv('/etc/passwd')",
        "copy node to '/tmp/node.csv'",
        "set enable_external_access = true",
        "select * from path",
        "select from",
        "",
    ],
)
def test_sql_can_write_nothing_and_reach_no_file(warehouse: Warehouse, query: str) -> None:
    fill(warehouse)
    with pytest.raises(UsageError):
        warehouse.sql(query)
    assert warehouse.catalog("one").held.size == 3


@pytest.mark.parametrize(
    "query", sorted((assets.root() / "warehouse" / "queries").glob("*.sql")), ids=lambda p: p.stem
)
def test_every_named_query_says_what_it_shows_and_runs(warehouse: Warehouse, query: Path) -> None:
    text = query.read_text(encoding="utf-8")
    run_id = fill(warehouse)
    row = pl.DataFrame([["train", "tree", 3, 1, 5]], schema=MIX_ROWS, orient="row")
    warehouse.publish("one", run_id, "", row, [])
    assert text.startswith("-- ")
    assert warehouse.sql(text).width


def test_the_funnel_counts_what_each_filter_rejected(warehouse: Warehouse) -> None:
    fill(warehouse)
    verdicts = pl.DataFrame([[3, "one", "length", False, "short", 3.0]], schema=VERDICTS, orient="row")
    warehouse.judge("one", verdicts)
    funnel = warehouse.sql(
        (assets.root() / "warehouse" / "queries" / "funnel.sql").read_text(encoding="utf-8")
    )
    assert funnel.rows() == [
        ("one", "topic", 1, 1, None, 0),
        ("one", "question", 1, 1, None, 0),
        ("one", "answer", 1, 0, "length", 1),
    ]
