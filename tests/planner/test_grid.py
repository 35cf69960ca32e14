"""Sets of ids that ascend, and grids of them: what numpy says of them one by one."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgc import fingerprint
from tgc.fingerprint import Ids
from tgc.planner import grid

ids = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 9), max_size=30)
chunks = st.sampled_from([1, 3, 1 << 18])


def column(some: Sequence[int]) -> Ids:
    return np.array(sorted(set(some)), dtype=np.uint64)


@given(some=ids, held=ids, chunk=chunks)
def test_some_are_among_others(some: list[int], held: list[int], chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(grid, "CHUNK", chunk)
        found = grid.among(column(some), column(held))
    assert found.tolist() == [one in held for one in column(some).tolist()]


@given(cells=st.lists(st.integers(0, 9), min_size=1, max_size=12), data=st.data())
def test_what_occurs_is_marked_wherever_it_does(cells: list[int], data: st.DataObject) -> None:
    cell = np.array(cells, dtype=np.uint64).reshape(1, -1)
    some = data.draw(st.lists(st.sampled_from(cells), unique=True))
    assert grid.marked(cell, column(some)).tolist() == [[one in some for one in cells]]


@given(parents=ids, words=ids, chunk=chunks)
def test_a_grid_has_the_child_of_every_parent_and_word(
    parents: list[int], words: list[int], chunk: int
) -> None:
    above, apart = column(parents), column(words)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(grid, "CHUNK", chunk)
        found = grid.ids("level", above, apart)
    one_by_one = fingerprint.children("level", np.repeat(above, len(apart)), np.tile(apart, len(above)))
    assert found.shape == (len(above), len(apart))
    assert found.ravel().tolist() == one_by_one.tolist()


@given(st.integers(0, 2000), st.integers(1, 3 * grid.SPOTS))
def test_some_stand_for_all_from_the_first_to_the_last(length: int, most: int) -> None:
    places = grid.spread(length, most)
    count = min(length, most)
    assert min(count, 2 * count / 3) <= len(places) <= count
    assert (np.diff(places) > 0).all()
    assert np.diff(places, prepend=-1, append=length).max() <= length / max(1, min(count, grid.SPOTS) / 2) + 1
