"""Views, macros and named queries answer in SQL, and SQL can do no harm."""

import time
from pathlib import Path

import polars as pl
import pytest

from tests.granary import BIG, NO_FAILURES, NO_PICKS, dialogue, fill
from tgc import assets
from tgc.catalog import FAILURES, VERDICTS
from tgc.errors import UsageError
from tgc.fingerprint import spell
from tgc.warehouse import Warehouse
from tgc.warehouse.database import VIEWS


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
    ("query", "hint"),
    [
        ("select * from node_s", "a similar name is known: `nodes`"),
        ("select * from membr", f"known names: {', '.join(f'`{view}`' for view in VIEWS)}"),
        (
            "select lineag('0')",
            "`lineage('id')`, `conversation('id')` and `search('words')` are tgc's; all others are DuckDB's",
        ),
        (
            "select leve from nodes",
            "`describe nodes` lists the columns of `nodes`, and of other views alike; texts go in single quotes",
        ),
        ("select * from lineage('law')", "an id is 16 hex digits"),
        ("select level, count(*) from nodes group by all qualify true", None),
        ("select text::int from nodes", None),
    ],
)
def test_a_query_that_fails_is_told_where_names_are(
    warehouse: Warehouse, query: str, hint: str | None
) -> None:
    fill(warehouse)
    with pytest.raises(UsageError, match="the query failed") as caught:
        warehouse.sql(query)
    assert caught.value.hint == hint


def test_a_pivot_is_asked_for_with_its_columns(warehouse: Warehouse) -> None:
    fill(warehouse)
    with pytest.raises(UsageError) as caught:
        warehouse.sql("pivot nodes on level using count(*) group by recipe")
    assert caught.value.hint is not None
    assert "`on fate in ('kept', 'rejected')`" in caught.value.hint
    asked = "pivot nodes on level in ('topic', 'answer') using count(*) group by recipe"
    assert warehouse.sql(asked).rows() == [("one", 1, 1)]


def test_times_are_compared_in_utc_wherever_they_are_asked_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    with Warehouse.open(path) as warehouse:
        fill(warehouse)
        recent = "select count(*) as nodes from nodes where created_at > now() - interval 1 hour"
        assert warehouse.sql(recent).item() == 3
    monkeypatch.undo()
    time.tzset()


def test_an_id_of_nothing_has_no_conversation(warehouse: Warehouse) -> None:
    fill(warehouse)
    assert warehouse.sql(f"select turns from conversation('{spell(3)}')").rows() == [(1,)]
    assert warehouse.sql("select turns from conversation('000000000000000f')").is_empty()


def test_names_that_repeat_are_numbered(warehouse: Warehouse) -> None:
    fill(warehouse)
    warehouse.judge(
        "one", [pl.DataFrame([[3, "one", "length", True, None, 3.0, None]], VERDICTS, orient="row")]
    )
    joined = warehouse.sql("select * from nodes join verdicts using (node_id) order by node_id;")
    assert {"recipe", "recipe_1"} <= set(joined.columns)
    assert warehouse.sql("select 1 as a, 2 as a").rows(named=True) == [{"a": 1, "a_1": 2}]
    spelled = warehouse.sql("select 1 as a, interval 1 day as A").rows(named=True)
    assert spelled == [{"a": 1, "A_1": "1 day"}]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("interval 1 day", "1 day"),
        ("union_value(a := 1)", "1"),
        ("340282366920938463463374607431768211455::uhugeint", "340282366920938463463374607431768211455"),
        ("'101'::bit", "101"),
        ("'10:00:00+01'::timetz", "10:00:00+01"),
        ("[interval 1 day]", "[1 day]"),
        ("{'a': 'b'::blob}", "{'a': b}"),
        ("[1, 2]::integer[2]", "[1, 2]"),
    ],
)
def test_what_polars_cannot_hold_is_text(value: str, text: str, warehouse: Warehouse) -> None:
    assert warehouse.sql(f'select {value} as "the ""value"""').rows(named=True) == [{'the "value"': text}]


def test_what_polars_can_hold_stays_what_it_is(warehouse: Warehouse) -> None:
    row = warehouse.sql("select 1::hugeint, 'a'::blob, [], [{'a': 1.5::double}], null, date '2020-01-01'")
    assert row.dtypes == [
        pl.Decimal(38, 0),
        pl.Binary,
        pl.List(pl.Null),
        pl.List(pl.Struct({"a": pl.Float64})),
        pl.Null,
        pl.Date,
    ]


@pytest.mark.parametrize("query", ["explain select 1", "describe select 1", "from range(1)", "values (1)"])
def test_every_way_to_ask_is_answered(query: str, warehouse: Warehouse) -> None:
    assert warehouse.sql(query).height == 1
