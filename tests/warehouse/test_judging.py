"""Verdicts are written as they come, a filter at a time, and what is the same is left alone."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc.catalog import VERDICTS
from tgc.warehouse import Warehouse

FILTERS = ["length", "refusal", "length#2"]
Row = tuple[str, int, bool]
JUDGED = st.lists(st.tuples(st.sampled_from(FILTERS), st.integers(1, 3), st.booleans()), max_size=8).map(
    lambda rows: sorted(set(rows), key=lambda row: (FILTERS.index(row[0]), row[1:]))
)
CUTS = st.lists(st.integers(1, 8), max_size=3)


def frame(rows: list[Row]) -> pl.DataFrame:
    told = [(node, "one", name, kept, None, None, None) for name, node, kept in rows]
    return pl.DataFrame(told, schema=VERDICTS, orient="row")


def parts(rows: list[Row], cuts: list[int]) -> Iterator[pl.DataFrame]:
    bounds = [0, *sorted(cuts), len(rows)]
    return (frame(rows[a:b]) for a, b in pairwise(bounds))


def held(warehouse: Warehouse) -> list[Row]:
    found = warehouse.sql("select filter, ('0x' || node_id)::bigint, kept from verdicts").rows()
    return sorted(found, key=lambda row: (FILTERS.index(row[0]), row[1:]))


@settings(max_examples=30, deadline=None)
@given(history=st.lists(st.tuples(JUDGED, CUTS), min_size=1, max_size=4))
def test_in_whatever_parts_they_come_the_last_verdicts_are_held(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[list[Row], list[int]]]
) -> None:
    path = tmp_path_factory.mktemp("judging") / "tgc.duckdb"
    with Warehouse.open(path) as warehouse, patch("tgc.warehouse.judging.ROWS", 2):
        for rows, cuts in history:
            warehouse.judge("one", parts(rows, cuts))
            assert held(warehouse) == rows


def test_no_more_than_one_filter_is_waited_for(tmp_path: Path) -> None:
    seen: list[int] = []
    with Warehouse.open(tmp_path / "tgc.duckdb") as warehouse:

        def verdicts() -> Iterator[pl.DataFrame]:
            for name in FILTERS:
                yield frame([(name, 1, True)])
                seen.append(len(held(warehouse)))

        warehouse.judge("one", verdicts())
        assert len(held(warehouse)) == 3
    assert seen == [0, 1, 2]


def test_what_filters_said_before_one_that_failed_is_held(tmp_path: Path) -> None:
    def verdicts() -> Iterator[pl.DataFrame]:
        yield frame([("length", 1, False)])
        yield frame([("refusal", 2, True)])
        raise KeyboardInterrupt

    with Warehouse.open(tmp_path / "tgc.duckdb") as warehouse:
        with pytest.raises(KeyboardInterrupt):
            warehouse.judge("one", verdicts())
        assert held(warehouse) == [("length", 1, False)]
