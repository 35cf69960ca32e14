"""How much of a text recurs within it: runs of its words, its lines, its paragraphs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc.fingerprint import Ids
from tgc.text.folded import BASE, Positions, Words

SALT = np.uint64(0xC2B2AE3D27D4EB4F)
"""Odd, so that the same words have other keys in another text."""

Amounts = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Recurring:
    """The n-grams of many texts that occur at least twice in theirs: where each starts and ends, and its key.

    Places are counted in words of `texts`, which names the text of each, and in characters.
    """

    n: int
    starts: Positions
    keys: Ids
    texts: Positions
    edges: Positions


def recurring(cut: Words, longest: int) -> Iterator[Recurring]:
    """The recurring n-grams of 2, 3, … words.

    A run of n words can recur only where its first n - 1 do, so that each round looks at what the last one left:
    of ordinary prose little but the pairs.
    """
    starts, edges = np.arange(len(cut.texts), dtype=np.int64), np.concatenate([[0], np.cumsum(cut.lengths)])
    keys = cut.hashes + cut.texts.astype(np.uint64) * SALT
    for n in range(2, longest + 1):
        starts, keys = _longer(cut, starts, keys, n)
        twice = _twice(keys)
        starts, keys = starts[twice], keys[twice]
        yield Recurring(n, starts, keys, cut.texts, edges)


def most_frequent(grams: Recurring, texts: int) -> Amounts:
    """Characters per text within its most frequent n-gram, the first of several, all occurrences together."""
    chars = grams.edges[grams.starts + grams.n] - grams.edges[grams.starts]
    frame = pl.DataFrame({"text": grams.texts[grams.starts], "gram": grams.keys, "chars": chars})
    alike = frame.group_by("gram", maintain_order=True).agg(pl.first("text"), pl.len(), pl.col("chars").sum())
    return _spread(alike.group_by("text").agg(pl.col("chars").get(pl.col("len").arg_max())), "chars", texts)


def repeated(grams: Recurring, texts: int) -> Amounts:
    """Characters per text within n-grams that occurred earlier in it, each character once."""
    again = grams.starts[~pl.Series(grams.keys).is_first_distinct().to_numpy()]
    covered = np.concatenate([[0], again[:-1] + grams.n])[: len(again)]
    chars = grams.edges[again + grams.n] - grams.edges[np.maximum(again, covered)]
    return np.bincount(grams.texts[again], weights=chars, minlength=texts).astype(np.float64)


def pieces(texts: pl.Series, separator: str) -> tuple[Amounts, Amounts]:
    r"""Of each text the share of its lines (`\n`) or paragraphs (`\n\n`) that occurred earlier, and of characters.

    Blank ones do not count, nor does the space around them.

    >>> pieces(pl.Series(["one\n\ntwo \none", "one"]), "\n")
    (array([0.33333333, 0.        ]), array([0.33333333, 0.        ]))
    """
    frame = pl.DataFrame({"text": pl.int_range(len(texts), eager=True), "piece": texts})
    cut = pl.col("piece").str.replace_all("\r\n", "\n", literal=True).str.split(separator)
    flat = frame.with_columns(cut.list.eval(pl.element().str.strip_chars())).filter(
        pl.col("piece").list.len() > 1
    )
    flat = flat.explode("piece", empty_as_null=True).filter(pl.col("piece") != "")
    again, chars = ~pl.struct("text", "piece").is_first_distinct(), pl.col("piece").str.len_chars()
    counted = flat.select("text", again=again, chars=chars).group_by("text")
    shares = counted.agg(
        pieces=pl.col("again").mean(), chars=pl.col("chars").filter("again").sum() / pl.col("chars").sum()
    )
    return _spread(shares, "pieces", len(texts)), _spread(shares, "chars", len(texts))


def _longer(cut: Words, starts: Positions, keys: Ids, n: int) -> tuple[Positions, Ids]:
    """Grams with the word behind them, where their text goes on."""
    ends = np.minimum(starts + (n - 1), len(cut.texts) - 1)
    inside = (ends - starts == n - 1) & (cut.texts[starts] == cut.texts[ends])
    return starts[inside], keys[inside] * BASE + cut.hashes[ends[inside]]


def _twice(keys: Ids) -> NDArray[np.bool_]:
    """Which keys occur more than once: few do, and a table by some of their bits leaves out most of the others."""
    bits = len(keys).bit_length() + 2
    slots = (keys * SALT >> np.uint64(64 - bits)).astype(np.int64)
    twice: NDArray[np.bool_] = np.bincount(slots)[slots] > 1
    twice[twice] = pl.Series(keys[twice]).is_duplicated().to_numpy()
    return twice


def _spread(sums: pl.DataFrame, name: str, texts: int) -> Amounts:
    amounts = np.zeros(texts)
    amounts[sums["text"].to_numpy()] = sums[name].to_numpy()
    return amounts
