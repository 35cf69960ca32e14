"""What recurs is what brute force finds."""

from collections import Counter

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tgc.text import recurrence
from tgc.text.folded import words

TEXTS = st.lists(
    st.lists(st.sampled_from(["a", "bb", "ccc", "dddd"]), min_size=1, max_size=30), min_size=1, max_size=4
)


def frequent(text: list[str], n: int) -> int:
    grams = Counter(tuple(text[i : i + n]) for i in range(len(text) - n + 1))
    ((gram, count),) = grams.most_common(1) or [((), 0)]
    return count * len("".join(gram)) if count > 1 else 0


def covered(text: list[str], n: int) -> int:
    seen: set[tuple[str, ...]] = set()
    inside: set[int] = set()
    for start in range(len(text) - n + 1):
        gram = tuple(text[start : start + n])
        inside.update(range(start, start + n) if gram in seen else ())
        seen.add(gram)
    return sum(len(text[place]) for place in inside)


@given(texts=TEXTS)
def test_grams_are_counted_as_by_brute_force(texts: list[list[str]]) -> None:
    cut = words(pl.Series([" ".join(text) for text in texts]))
    for grams in recurrence.recurring(cut, 10):
        most = recurrence.most_frequent(grams, len(texts))
        again = recurrence.repeated(grams, len(texts))
        assert most.tolist() == [frequent(text, grams.n) for text in texts]
        assert again.tolist() == [covered(text, grams.n) for text in texts]


@given(texts=st.lists(st.lists(st.sampled_from(["a", " bb", "ccc ", "", " "]), max_size=8), max_size=4))
def test_pieces_are_counted_as_by_brute_force(texts: list[list[str]]) -> None:
    pieces, chars = recurrence.pieces(pl.Series(["\n".join(text) for text in texts], dtype=pl.String), "\n")
    for number, text in enumerate(texts):
        lines = [line.strip() for line in text if line.strip()]
        again = [line for place, line in enumerate(lines) if line in lines[:place]]
        assert np.isclose(pieces[number], len(again) / max(len(lines), 1))
        assert np.isclose(chars[number], sum(map(len, again)) / max(sum(map(len, lines)), 1))
