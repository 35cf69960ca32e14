"""The warehouse keeps whole batches through anything, shares nodes between recipes and answers SQL."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tgc import assets
from tgc.catalog import FAILURES, MIX_ROWS, NODES, PICKS, VERDICTS, Record
from tgc.errors import UsageError, WarehouseError
from tgc.fingerprint import Ids, spell
from tgc.warehouse import Warehouse, read

BIG = 2**64 - 2
NO_PICKS = pl.DataFrame(schema=PICKS)
NO_FAILURES = pl.DataFrame(schema=FAILURES)
LEVELS = {"topic": Record(1, (("seed", "0"), ("template", "ab")))}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse" / "tgc.duckdb"


@pytest.fixture
def warehouse(path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(path) as warehouse:
        yield warehouse


def ids(*values: int) -> Ids:
    return np.array(values, dtype=np.uint64)


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    defaults = {"parent_id": 0, "ordinal": 0, "depth": 0, "run_id": 1, "seed": 7}
    return pl.DataFrame([defaults | row for row in rows], schema=NODES)


def dialogue() -> pl.DataFrame:
    return frame(
        {"node_id": 1, "level": "topic", "text": "law"},
        {"node_id": BIG, "parent_id": 1, "level": "question", "depth": 1, "role": "user", "text": "Why?",
         "request_key": "q", "completion_tokens": 2, "model": "atlas", "finish_reason": "stop"},
        {"node_id": 3, "parent_id": BIG, "level": "answer", "depth": 2, "role": "assistant", "text": "So.",
         "request_key": "a", "completion_tokens": 3, "model": "atlas", "finish_reason": "stop"},
    )  # fmt: skip


def fill(warehouse: Warehouse, recipe: str = "one") -> int:
    run_id = warehouse.start(recipe, "name: one", LEVELS, ("abc", False))
    warehouse.append(recipe, dialogue(), NO_PICKS, NO_FAILURES)
    return run_id


def test_nodes_come_back_as_they_went_in(warehouse: Warehouse) -> None:
    fill(warehouse)
    assert warehouse.nodes("one").equals(dialogue().with_columns(recipe=pl.lit("one")))


def test_a_fresh_file_is_migrated_once_and_then_left_alone(path: Path) -> None:
    Warehouse.open(path).__exit__(None, None, None)
    before = path.read_bytes()
    Warehouse.open(path).__exit__(None, None, None)
    assert path.read_bytes() == before


def test_reading_where_there_is_no_warehouse_creates_nothing(tmp_path: Path) -> None:
    with read(tmp_path / "none" / "tgc.duckdb") as reader:
        assert reader is None
    assert not list(tmp_path.iterdir())


def test_reading_leaves_the_file_as_it_is(path: Path) -> None:
    with Warehouse.open(path) as warehouse:
        fill(warehouse)
    before = path.read_bytes()
    with read(path) as reader:
        assert reader is not None
        assert reader.catalog("one").held.tolist() == [1, 3, BIG]
        assert reader.catalog("one", texts=True).nodes.height == 3
    assert path.read_bytes() == before


def test_a_catalog_says_what_the_last_build_knew(warehouse: Warehouse) -> None:
    run_id = fill(warehouse)
    picks = pl.DataFrame({"selector": ["s", "s"], "node_id": [BIG, 3], "rank": [0, 1]}, schema=PICKS)
    warehouse.append("one", dialogue().clear(), picks, NO_FAILURES)
    row = pl.DataFrame([["train", "tree", 3, 1, 5]], schema=MIX_ROWS, orient="row")
    warehouse.publish("one", run_id, "made of this", row, ["llava.json"])
    catalog = warehouse.catalog("one")
    assert {level: held.tolist() for level, held in catalog.members.items()} == {
        "topic": [1],
        "question": [BIG],
        "answer": [3],
    }
    assert [column.tolist() for column in catalog.ranks["s"]] == [[3, BIG], [1, 0]]
    assert catalog.records == LEVELS
    assert catalog.emitted == "made of this"


def test_two_recipes_share_a_node_and_each_sees_its_own(warehouse: Warehouse) -> None:
    fill(warehouse, "one")
    warehouse.append("two", dialogue()[:2], NO_PICKS, NO_FAILURES)
    assert warehouse.catalog("two").held.tolist() == [1, 3, BIG]
    assert warehouse.nodes("two")["node_id"].to_list() == [1, BIG]
    assert warehouse.sql("select count(*) as n from nodes").item() == 5


def test_a_batch_appended_twice_is_held_once(warehouse: Warehouse) -> None:
    fill(warehouse)
    warehouse.append("one", pl.concat([dialogue(), dialogue()]), NO_PICKS, NO_FAILURES)
    assert warehouse.sql("select count(*) as n from nodes").item() == 3


def test_a_node_kept_out_of_a_recipe_is_hidden_not_deleted(warehouse: Warehouse) -> None:
    fill(warehouse)
    warehouse.keep("one", {"topic": ids(1)})
    assert warehouse.nodes("one")["node_id"].to_list() == [1]
    assert warehouse.catalog("one").held.tolist() == [1, 3, BIG]


def test_a_batch_that_fails_leaves_nothing(warehouse: Warehouse) -> None:
    broken = pl.DataFrame({"selector": [None], "node_id": [1], "rank": [0]}, schema=PICKS)
    with pytest.raises(WarehouseError):
        warehouse.append("one", dialogue(), broken, NO_FAILURES)
    assert not warehouse.catalog("one").held.size


def test_paths_siblings_and_generations_find_nodes(warehouse: Warehouse) -> None:
    fill(warehouse)
    assert warehouse.paths(ids(3))["node_id"].to_list() == [1, BIG, 3]
    assert warehouse.siblings(ids(BIG))["node_id"].to_list() == [3]
    assert warehouse.generations(["a", "unknown"])["text"].to_list() == ["So."]
    assert warehouse.generations([]).is_empty()


def test_verdicts_of_a_recipe_are_replaced(warehouse: Warehouse) -> None:
    fill(warehouse)
    verdicts = pl.DataFrame([[3, "one", "length", False, "short", 3.0]], schema=VERDICTS, orient="row")
    warehouse.judge("one", pl.concat([verdicts, verdicts]))
    warehouse.judge("one", verdicts)
    assert warehouse.sql("select * from verdicts").rows() == [
        (spell(3), "one", "length", False, "short", 3.0)
    ]


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


def test_a_run_ends_with_what_it_did(warehouse: Warehouse) -> None:
    run_id = fill(warehouse)
    warehouse.finish(run_id, "done", 3, 0, 10, 5, 1.5)
    run = warehouse.runs().row(0, named=True)
    assert (run["status"], run["generated"], run["prompt_tokens"]) == ("done", 3, 10)


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


def test_a_hundred_thousand_nodes_are_appended_in_seconds(warehouse: Warehouse) -> None:
    count = 100_000
    node_ids = np.random.default_rng(0).permutation(np.arange(1, count + 1, dtype=np.uint64))
    nodes = frame({"node_id": 0, "level": "answer", "text": "words " * 40}).select(
        pl.all().repeat_by(count).explode(empty_as_null=True)
    )
    started = time.monotonic()
    warehouse.append("one", nodes.with_columns(node_id=pl.Series(node_ids)), NO_PICKS, NO_FAILURES)
    assert time.monotonic() - started < 10
    assert warehouse.catalog("one").held.size == count


BATCH = 64
APPENDS = f"""
import sys
from pathlib import Path
import polars as pl
from tgc.catalog import FAILURES, NODES, PICKS
from tgc.warehouse import Warehouse

with Warehouse.open(Path(sys.argv[1])) as warehouse:
    warehouse.start("one", "", {{}}, (None, None))
    first = warehouse.catalog("one").held.size + 1
    while True:
        node_ids = list(range(first, first + {BATCH}))
        rows = [dict(node_id=i, parent_id=0, level="topic", ordinal=0, depth=0, text="t") for i in node_ids]
        nothing = pl.DataFrame(schema=PICKS), pl.DataFrame(schema=FAILURES)
        warehouse.append("one", pl.DataFrame(rows, schema=NODES), *nothing)
        first += {BATCH}
        print(first - 1, flush=True)
"""


def test_a_killed_build_loses_at_most_the_batch_in_flight(path: Path) -> None:
    for wait in (0, 3, 11):
        child = subprocess.Popen(
            [sys.executable, "-c", APPENDS, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        committed = [child.stdout.readline() for _ in range(wait + 1)]
        with pytest.raises(WarehouseError, match="in use") as locked, read(path):
            pass
        os.kill(child.pid, signal.SIGKILL)
        committed += child.stdout.readlines()
        child.wait()
        child.stdout.close()
        with read(path) as reader:
            assert reader is not None
            held = reader.catalog("one").held.size
        assert locked.value.hint is not None
        assert held % BATCH == 0
        assert held - int(committed[-1]) in {0, BATCH}
    with Warehouse.open(path) as warehouse:
        assert warehouse.runs()["status"].to_list() == ["interrupted"] * 3


OPEN = "x = w.Warehouse.open(pathlib.Path(sys.argv[1])); x.sql('select 1'); x.__exit__(None, None, None)"


def test_closing_leaves_no_talk_behind(path: Path) -> None:
    script = f"import sys, pathlib, tgc.warehouse as w; {OPEN}"
    ended = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert ended.stderr == ""
