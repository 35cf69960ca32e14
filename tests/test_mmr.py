"""Picking siblings: what is picked, and that widening only appends."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tgc import mmr


def unit(rows: np.ndarray) -> mmr.Vectors:
    vectors: mmr.Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return vectors


@given(
    seed=st.integers(0, 10_000), count=st.integers(1, 12), more=st.integers(0, 6), oversample=st.floats(1, 4)
)
def test_the_picks_of_a_smaller_count_are_a_prefix(
    seed: int, count: int, more: int, oversample: float
) -> None:
    draws = int(np.ceil((count + more) * oversample))
    vectors = unit(np.random.default_rng(seed).standard_normal((draws, 5)))
    few = mmr.pick(vectors, count, oversample, 0.5)
    many = mmr.pick(vectors, count + more, oversample, 0.5)
    assert many[:count] == few
    assert mmr.pick(vectors, count + more, oversample, 0.5, few) == many
    assert len(set(many)) == count + more


@given(seed=st.integers(0, 1000))
def test_a_pick_depends_on_its_pool_alone(seed: int) -> None:
    vectors = unit(np.random.default_rng(seed).standard_normal((40, 4)))
    assert mmr.pick(vectors[:10], 5, 2.0, 0.5) == mmr.pick(vectors, 5, 2.0, 0.5)


def test_copies_are_left_for_last() -> None:
    vectors = unit(
        np.array([[1, 0, 0], [1, 0, 0], [1, 0.01, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]], dtype=float)
    )
    assert set(mmr.pick(vectors, 3, 2.0, 1.0)) == {0, 3, 4}
