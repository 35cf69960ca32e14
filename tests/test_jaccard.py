"""The join finds exactly the pairs that brute force finds, and deletes nothing that is not similar."""

import random
import time

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc import jaccard
from tgc.text import fold, shingles

TEXTS = st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12).map(" ".join), max_size=25)
THRESHOLDS = st.sampled_from([0.3, 0.5, 0.7, 0.8, 1.0])


def brute(texts: list[str], ngram: int, threshold: float) -> dict[tuple[int, int], float]:
    members: dict[int, set[int]] = {index: set() for index in range(len(texts))}
    for index, shingle in shingles(fold(pl.Series(texts, dtype=pl.String)), ngram).iter_rows():
        members[index].add(shingle)
    scores = {
        (a, b): len(members[a] & members[b]) / len(members[a] | members[b])
        for b in range(len(texts))
        for a in range(b)
    }
    return {pair: score for pair, score in scores.items() if score >= threshold}


@given(TEXTS, st.integers(1, 4), THRESHOLDS)
@settings(deadline=None, max_examples=150)
def test_pairs_are_those_of_brute_force(texts: list[str], ngram: int, threshold: float) -> None:
    found = jaccard.pairs(fold(pl.Series(texts, dtype=pl.String)), ngram, threshold)
    assert {(a, b): score for a, b, score in found.iter_rows()} == brute(texts, ngram, threshold)


@given(TEXTS, THRESHOLDS)
@settings(deadline=None, max_examples=150)
def test_kept_texts_differ_and_dropped_ones_repeat_a_kept_one(texts: list[str], threshold: float) -> None:
    similar = brute(texts, 2, threshold)
    dropped = jaccard.repeats(pl.Series(texts, dtype=pl.String), 2, threshold)
    gone = set(dropped["text"])
    assert not [pair for pair in similar if not gone & set(pair)]
    for text, of, score in dropped.iter_rows():
        assert of not in gone
        assert similar[of, text] == score


@given(TEXTS, THRESHOLDS)
@settings(deadline=None, max_examples=50)
def test_blocks_do_not_change_the_answer(texts: list[str], threshold: float) -> None:
    folded = fold(pl.Series(texts, dtype=pl.String))
    whole = jaccard.pairs(folded, 2, threshold).sort("a", "b")
    block, jaccard.BLOCK = jaccard.BLOCK, 7
    try:
        assert jaccard.pairs(folded, 2, threshold).sort("a", "b").equals(whole)
    finally:
        jaccard.BLOCK = block


def test_a_chain_of_similar_texts_keeps_both_ends() -> None:
    first = "a b c d e f g h i j"
    second, third = f"{first} k l", f"{first} k l m n o"
    dropped = jaccard.repeats(pl.Series([first, second, third, second]), 1, 0.7)
    assert dropped.rows() == [(1, 0, 10 / 12), (3, 0, 10 / 12)]


def test_texts_of_one_template_are_not_duplicates() -> None:
    draw = random.Random(0)
    words = [f"w{number}" for number in range(5000)]
    templates = [draw.choices(words, k=60) for _ in range(20)]
    texts = [" ".join([*templates[n % 20], *draw.choices(words, k=17)]) for n in range(4000)]
    assert jaccard.repeats(pl.Series(texts), 3, 0.7).is_empty()


def test_a_hundred_thousand_texts_are_compared_in_seconds() -> None:
    ranks = np.random.default_rng(0).zipf(1.3, size=(90_000, 30))
    texts = [" ".join(f"w{rank}" for rank in row) for row in ranks]
    texts += [text.replace(" ", " x ", 1) for text in texts[:10_000]]
    started = time.monotonic()
    dropped = jaccard.repeats(pl.Series(texts), 3, 0.7)
    assert time.monotonic() - started < 30
    assert set(range(90_000, 100_000)) <= set(dropped["text"])
