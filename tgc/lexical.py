"""Texts as vectors of their words, hashed: no model, and the same on every machine. Pure."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc import fingerprint
from tgc.text.folded import fold

WIDTH = 256
"""Numbers to a vector: a kilobyte to each text."""

SCALE = 1_000
"""Length of a vector. As its numbers are whole, products of two are exact in 32 bits, in whatever order they are
added up, and so the order of rows is the same on every machine."""

BLOCK = 16_384
"""Texts that are turned into vectors at a time."""

BASE = np.uint64(0x9E3779B97F4A7C15)

Vectors = NDArray[np.float32]
Indices = NDArray[np.int64]


def vectors(texts: pl.Series, places: int = 1) -> Vectors:
    """Words and pairs of neighbours of each text, hashed into `WIDTH` whole numbers (Weinberger et al., 2009).

    Each goes to as many `places`: with one, every 512th pair of different words is the same; with four, hardly any
    is, which counts where texts are of a few words (Kane & Nelson, JACM 2014).

    >>> cat, dog, sum = vectors(pl.Series(["A cat sat.", "a dog sat", "2 + 2 = 4"]))
    >>> bool(cat @ dog > cat @ sum)
    True
    """
    blocks = [_vectors(texts[start : start + BLOCK], places) for start in range(0, len(texts), BLOCK)]
    return np.concatenate([np.empty((0, WIDTH), dtype=np.float32), *blocks])


def _vectors(texts: pl.Series, places: int) -> Vectors:
    words = (
        fold(texts).str.split(" ").to_frame("word").with_row_index("text").explode("word", empty_as_null=True)
    )
    known = words["word"].unique().to_list()
    hashes = dict(zip(known, map(fingerprint.word, known), strict=True))
    single = words["word"].replace_strict(hashes, return_dtype=pl.UInt64).to_numpy()
    at = words["text"].to_numpy().astype(np.int64)
    pairs = single[:-1] * BASE + single[1:]
    together = at[:-1] == at[1:]
    said, at = np.append(single, pairs[together]), np.append(at, at[:-1][together])
    again = (fingerprint.order(said, str(place)) for place in range(1, places))
    return _summed(np.tile(at, places), np.concatenate([said, *again]), len(texts))


def _summed(at: Indices, hashes: fingerprint.Ids, count: int) -> Vectors:
    """Unit rows times `SCALE`, in whole numbers; frequent words count by their root."""
    places = at * WIDTH + (hashes % np.uint64(WIDTH)).astype(np.int64)
    signs = np.where(hashes >> np.uint64(63), 1.0, -1.0)
    sums = np.bincount(places, signs, count * WIDTH).reshape(count, WIDTH)
    roots = np.sign(sums) * np.sqrt(np.abs(sums))
    lengths = np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-12)
    whole: Vectors = (roots / lengths * SCALE).round().astype(np.float32)
    return whole
