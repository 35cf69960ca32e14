"""Near-duplicate texts by exact Jaccard similarity of their word n-grams; no locality-sensitive hashing. Pure.

Two texts at least `t` similar share one of the `size - ceil(t * size) + 1` rarest shingles of each (Chaudhuri et
al., ICDE 2006; Xiao et al., PPJoin, WWW 2008), so only texts that do are compared, and every overlap is counted.
Texts that share a template are told apart where MinHash bands would chain them.
"""

from collections.abc import Iterable
from importlib.util import find_spec

import numpy as np
import polars as pl

from tgc.fingerprint import Ids
from tgc.jaccard import plain
from tgc.jaccard.shingled import KEPT, Join, Part, Read

MANY = 5_000
"""From so many texts on it pays to load what numba compiled."""


def repeats(texts: pl.Series, ngram: int, threshold: float, groups: pl.Series | None = None) -> pl.DataFrame:
    """The texts that repeat an earlier one: index `text`, index `of` the one kept for it, their `score`.

    Texts are taken in their order; one is dropped when its Jaccard similarity with a text that was kept is at
    least `threshold`. So no two kept texts are that similar, and every dropped one is to the kept one named: the
    most similar, the first of several. A text that says the same word for word as one before is a repeat of that
    one, or of what that one repeats. `of` and `score` are null for a text that is kept, though to compare it with
    all would have cost too much; that takes a thousand others half like it.

    Shingles are hashes of 64 bits, of which 48 at least are compared.

    Args:
        texts: null counts as empty.
        ngram: words per shingle; a text with fewer words is one shingle.
        threshold: above 0, at most 1.
        groups: the group of each text (UInt64); texts of different groups are not compared.
    """
    return among([(texts, _ids(groups, len(texts)))], len(texts), ngram, threshold)


def among(parts: Iterable[Part], texts: int, ngram: int, threshold: float) -> pl.DataFrame:
    """The same of texts that come in parts, so many in all, of which none is kept.

    Each word of theirs takes 8 bytes, and up to half as many again while they are compared.
    """
    read, join = _way(texts)
    told = read(parts, ngram)
    said = pl.DataFrame({"said": told.said}).with_row_index("text").cast({"text": pl.Int64})
    first = said.select(pl.col("text").first().over("said")).to_series().to_numpy()
    found = join(told, np.flatnonzero(first == np.arange(len(first))), threshold)
    of, copy = found.of[first], found.of[first] == KEPT
    rows = pl.DataFrame({"of": np.where(copy, first, of), "score": np.where(copy, 1.0, found.scores[first])})
    itself = pl.col("of") == pl.col("text")
    return (
        rows.select(text=pl.int_range(pl.len()), of="of", score="score", cut=pl.Series(found.cut))
        .filter(~itself | pl.col("cut"))
        .select("text", of=pl.when(~itself).then("of"), score=pl.when(~itself).then("score"))
    )


def _way(texts: int) -> tuple[Read, Join]:
    if texts < MANY or find_spec("numba") is None:
        return plain.read, plain.join
    from tgc.jaccard import fast

    return fast.read, fast.join


def _ids(groups: pl.Series | None, texts: int) -> Ids:
    return np.zeros(texts, dtype=np.uint64) if groups is None else groups.to_numpy()
