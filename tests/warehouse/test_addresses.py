"""Nodes are found by their ids whether addresses were sorted since they came, or not, or others went."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.granary import BIG, NO_FAILURES, NO_PICKS, dialogue, frame, ids
from tgc.fingerprint import Ids, spell
from tgc.warehouse import Reader, Warehouse, read, writer

PART = 131_072
"""Nodes that the view `conversations` goes through at a time."""
ALIKE = (5, 6, 7 << 41)
"""Ids of which two begin alike."""


@pytest.fixture(autouse=True)
def sorting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "UNSORTED", 0)


def leaves(node_ids: Ids) -> pl.DataFrame:
    """Answers of the dialogue's question."""
    template = dialogue()[2:].drop("node_id")
    named = pl.DataFrame({"node_id": node_ids, "ordinal": np.arange(len(node_ids))})
    return named.join(template.drop("ordinal"), how="cross").select(frame().columns)


def append(path: Path, *frames: pl.DataFrame) -> None:
    with Warehouse.open(path) as warehouse:
        for nodes in frames:
            warehouse.append("one", nodes, NO_PICKS, NO_FAILURES)


def found(reader: Reader | None, node_id: int) -> list[str]:
    """The path of a node by SQL, which is that of `tgc show`."""
    assert reader is not None
    lineage = reader.sql(f"select node_id from lineage('{spell(node_id)}')")["node_id"].to_list()
    assert lineage == [spell(one) for one in reader.paths(ids(node_id))["node_id"].to_list()]
    return lineage


def test_a_node_has_one_path_before_and_after_addresses_are_sorted(path: Path) -> None:
    append(path, dialogue(), leaves(ids(*ALIKE[:2])))
    append(path, leaves(ids(ALIKE[2])))
    with Warehouse.open(path) as warehouse:
        warehouse.append("one", leaves(ids(9)), NO_PICKS, NO_FAILURES)
        for node_id in (3, *ALIKE, 9):
            assert found(warehouse, node_id) == [spell(1), spell(BIG), spell(node_id)]
        assert found(warehouse, 4) == []


def test_nodes_that_take_the_numbers_of_dropped_ones_are_found(path: Path) -> None:
    append(path, dialogue(), leaves(ids(*ALIKE)))
    with Warehouse.open(path) as warehouse:
        warehouse.drop(ids(*ALIKE))
        warehouse.append("one", leaves(ids(9, ALIKE[0])), NO_PICKS, NO_FAILURES)
        for node_id in (9, ALIKE[0]):
            assert found(warehouse, node_id) == [spell(1), spell(BIG), spell(node_id)]
        assert found(warehouse, ALIKE[1]) == []
    with read(path) as reader:
        assert found(reader, 9) == [spell(1), spell(BIG), spell(9)]


def test_conversations_go_on_after_a_part_without_any(path: Path) -> None:
    others = np.arange(100, 100 + 2 * PART, dtype=np.uint64)
    given = frame({"node_id": 0, "level": "topic", "text": ""}).drop("node_id")
    between = pl.DataFrame({"node_id": others}).join(given, how="cross").select(frame().columns)
    append(path, dialogue(), between, leaves(ids(9)))
    with read(path) as reader:
        assert reader is not None
        conversations = reader.sql("from conversations")
    assert conversations["leaf_id"].to_list() == [spell(3), spell(9)]
    assert [[turn["content"] for turn in row] for row in conversations["messages"]] == [["Why?", "So."]] * 2
