"""Recipes share nodes, and each sees its own: what goes in comes out."""

import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.granary import BIG, LEVELS, NO_FAILURES, NO_PICKS, dialogue, fill, frame, ids
from tgc.catalog import MIX_ROWS, PICKS, VERDICTS
from tgc.errors import WarehouseError
from tgc.fingerprint import spell
from tgc.warehouse import Warehouse, read


def test_nodes_come_back_as_they_went_in(warehouse: Warehouse) -> None:
    fill(warehouse)
    assert warehouse.nodes("one").equals(dialogue().with_columns(recipe=pl.lit("one")))


def test_a_catalog_says_what_the_last_build_knew(warehouse: Warehouse) -> None:
    run_id = fill(warehouse)
    picks = pl.DataFrame({"selector": ["s", "s"], "node_id": [BIG, 3], "rank": [0, 1]}, schema=PICKS)
    warehouse.append("one", dialogue().clear(), picks, NO_FAILURES)
    row = pl.DataFrame([["train", "tree", 3, None, None, 1, 5, 3, 0]], schema=MIX_ROWS, orient="row")
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
    assert warehouse.generations(["00000000000000a1", "00000000000000ff"])["text"].to_list() == ["So."]
    assert warehouse.generations([]).is_empty()


def test_verdicts_of_a_recipe_are_replaced(warehouse: Warehouse) -> None:
    fill(warehouse)
    verdicts = pl.DataFrame([[3, "one", "length", False, "short", 3.0, None]], schema=VERDICTS, orient="row")
    warehouse.judge("one", [verdicts, verdicts])
    warehouse.judge("one", [verdicts])
    assert warehouse.sql("select * from verdicts").rows() == [
        (spell(3), "one", "length", False, "short", 3.0, None)
    ]


def test_a_run_ends_with_what_it_did(warehouse: Warehouse) -> None:
    run_id = fill(warehouse)
    warehouse.finish(run_id, "done", 3, 0, 10, 5, 1.5)
    run = warehouse.runs().row(0, named=True)
    assert (run["status"], run["generated"], run["prompt_tokens"]) == ("done", 3, 10)


def test_a_run_that_was_killed_is_told_as_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "tgc.duckdb"
    with Warehouse.open(path) as warehouse:
        fill(warehouse)
    with read(path) as reader:
        assert reader is not None
        assert reader.runs()["status"].to_list() == ["interrupted"]


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


def test_keeping_what_is_kept_writes_nothing(path: Path) -> None:
    with Warehouse.open(path) as warehouse:
        warehouse.finish(fill(warehouse), "done", 3, 0, 10, 5, 1.5)
    before = path.read_bytes()
    with Warehouse.open(path) as warehouse:
        warehouse.keep("one", {"topic": ids(1), "question": ids(BIG), "answer": ids(3)})
    assert path.read_bytes() == before
