"""Numbers and owners are what a dictionary and a set would say."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.granary import ids
from tgc.warehouse import numbers
from tgc.warehouse.numbers import Numbers
from tgc.warehouse.owners import NAMED, Book

UNKNOWN = 2**64 - 1
batch = st.lists(st.integers(1, UNKNOWN - 1), max_size=8, unique=True)


def held(*node_ids: int) -> pl.DataFrame:
    schema = {"node_id": pl.UInt64, "number": pl.Int64}
    return pl.DataFrame({"node_id": node_ids, "number": range(1, len(node_ids) + 1)}, schema=schema)


@given(batch, st.lists(batch, max_size=5), st.integers(0, 4))
def test_nodes_keep_the_numbers_that_they_came_with(
    first: list[int], later: list[list[int]], room: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(numbers, "RECENT", room)
        known, expected = Numbers(held(*first)), {node: place for place, node in enumerate(first, start=1)}
        for some in later:
            fresh = [node for node in some if node not in expected]
            expected |= dict(zip(fresh, known.next(len(fresh)).tolist(), strict=True))
            known.add(ids(*fresh))
        assert known.of(ids(*expected, UNKNOWN)).tolist() == [*expected.values(), 0]
        assert sorted(expected.values()) == list(range(1, len(expected) + 1))


def test_after_some_were_dropped_numbers_go_on_from_the_last() -> None:
    left = held(5, 6, 7)[2:]
    assert Numbers(left).next(2).tolist() == [4, 5]


def test_a_set_has_one_number_and_a_new_one_the_next() -> None:
    known = pl.DataFrame([(1, "one", "topic"), (2, "one", "a"), (2, "two", "b")], schema=NAMED, orient="row")
    book = Book(known)
    moved = book.moved([0, 1, 2], lambda owners: owners - {("one", "topic")} | {("one", "a")})
    assert moved.rows() == [(0, 3), (1, 3)]
    assert book.number(frozenset()) == 0
    assert book.fresh.rows() == [(3, "one", "a")]


def test_a_node_that_nobody_owns_any_more_is_in_the_set_without_members() -> None:
    book = Book(pl.DataFrame([(1, "one", "topic")], schema=NAMED, orient="row"))
    assert book.moved([1], lambda _: frozenset()).rows() == [(1, 0)]
    assert book.fresh.is_empty()
    assert np.array_equal(Numbers(held()).of(ids(1)), [0])
