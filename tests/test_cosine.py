"""What is dropped is what comparing everything with everything drops, however it is cut into blocks."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc.cosine import Approximate, bound, greedy, nearest, repeats
from tgc.cosine.products import Units, Vectors, slack
from tgc.fingerprint import Ids

THRESHOLDS = st.sampled_from([0.3, 0.7, 0.9, 1.0])


def clusters(rows: int, width: int, seed: int) -> Vectors:
    """Rows about a few centres, so that all cosines occur; some rows are equal, some are zeros."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((max(rows // 8, 1), width))
    noise = random.standard_normal((rows, width)) * random.choice([0, 0.1, 0.3, 1], size=(rows, 1))
    found = centres[random.integers(len(centres), size=rows)] + noise
    found[random.random(rows) < 0.05] = 0
    scaled: Vectors = (found * random.uniform(0.5, 2, size=(rows, 1))).astype(np.float32)
    return scaled


def unit(vectors: Vectors) -> Vectors:
    return Units(vectors)[np.arange(len(vectors))]


def by_brute_force(vectors: Vectors, threshold: float, groups: Ids | None = None) -> list[tuple[int, int]]:
    """Each row with all that were kept before, one by one."""
    units = unit(vectors).astype(np.float64)
    kept: list[int] = []
    found = []
    for row, vector in enumerate(units):
        near = [a for a in kept if round(float(units[a] @ vector), 6) >= threshold]
        near = [a for a in near if groups is None or groups[a] == groups[row]]
        found += [(row, near[0])] if near else []
        kept += [] if near else [row]
    return found


def rows(found: pl.DataFrame) -> list[tuple[int, int]]:
    return found.select("text", "of").rows()


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 60),
    st.sampled_from([1, 5, 40]),
    THRESHOLDS,
    st.integers(0, 9),
    st.sampled_from([1, 3, 99]),
)
def test_repeats_are_those_of_brute_force(
    count: int, width: int, threshold: float, seed: int, several: int
) -> None:
    vectors = clusters(count, width, seed)
    groups: Ids = np.random.default_rng(seed).integers(several, size=count).astype(np.uint64)
    assert rows(repeats(vectors, threshold)) == by_brute_force(vectors, threshold)
    assert rows(repeats(vectors, threshold, groups)) == by_brute_force(vectors, threshold, groups)


@pytest.mark.parametrize("threshold", [0.7, 0.9])
@pytest.mark.parametrize("width", [16, 200])
def test_blocks_do_not_change_what_is_dropped(
    monkeypatch: pytest.MonkeyPatch, threshold: float, width: int
) -> None:
    vectors = clusters(300, width, seed=1)
    at_once = repeats(vectors, threshold)
    assert rows(at_once) == by_brute_force(vectors, threshold)
    for block, slab in ((20, 30), (64, 1_000)):
        monkeypatch.setattr(greedy, "BLOCK", block)
        monkeypatch.setattr(nearest, "SLAB", slab)
        assert repeats(vectors, threshold).equals(at_once)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 30), st.integers(0, 9))
def test_the_bound_is_never_below_the_cosine(count: int, seed: int) -> None:
    units = unit(clusters(count, 160, seed))
    shorter = bound.bounding(units, 1.0)(units)
    assert (shorter @ shorter.T >= units @ units.T - slack(160)).all()


def test_vectors_whose_first_axes_tell_them_apart_are_compared_by_those() -> None:
    round_ = np.random.default_rng(0).standard_normal((300, 200), dtype=np.float32)
    long: Vectors = (round_ / np.arange(1, 201)).astype(np.float32)
    assert bound.bounding(unit(long), 0.9)(unit(long)).shape == (300, bound.AXES + 1)
    assert bound.bounding(unit(round_), 0.4)(unit(round_)).shape == (300, 200)


def test_a_row_is_not_dropped_for_one_that_was_dropped() -> None:
    turned = np.array([[np.cos(angle), np.sin(angle)] for angle in (0.0, 0.4, 0.8)], dtype=np.float32)
    found = repeats(turned, 0.9)
    assert rows(found) == [(1, 0)]
    assert found["score"].to_list() == [round(float(np.cos(0.4)), 6)]


def test_what_says_nothing_repeats_nothing() -> None:
    nothing = np.array([[0, 0], [0, 0], [np.nan, 1], [0, 1]], dtype=np.float32)
    assert repeats(nothing, 0.1).is_empty()
    assert repeats(np.zeros((0, 4), dtype=np.float32), 0.9).schema == {
        "text": pl.Int64,
        "of": pl.Int64,
        "score": pl.Float64,
    }


def missing_little(monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether an approximate search drops what repeats alone, and nearly all of it."""
    monkeypatch.setattr(greedy, "BLOCK", 200)
    vectors = clusters(2_000, 32, seed=2)
    exact, found = repeats(vectors, 0.9), repeats(vectors, 0.9, keep=Approximate)
    units = unit(vectors)
    cosines = np.einsum("ij,ij->i", units[found["text"].to_numpy()], units[found["of"].to_numpy()])
    assert (cosines > 0.9 - slack(32)).all()
    assert not set(found["text"]) & set(found["of"])
    return len(set(found["text"]) & set(exact["text"])) > 0.98 * exact.height


def test_an_approximate_search_misses_little(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss", reason="needs faiss, of the extra `ann`")
    assert missing_little(monkeypatch)


@pytest.mark.gpu
def test_an_approximate_search_misses_little_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    faiss = pytest.importorskip("faiss", reason="needs faiss, of the extra `ann`")
    if not faiss.get_num_gpus():
        pytest.skip("needs a faiss that is built for GPUs")
    assert missing_little(monkeypatch)


def test_half_precision_is_compared_as_it_is() -> None:
    half = clusters(200, 24, seed=5).astype(np.float16)
    assert repeats(half, 0.9).equals(repeats(half.astype(np.float32), 0.9))
