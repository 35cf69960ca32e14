"""Text as filters compare it: folded, cut into words, hashed into n-grams."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc.fingerprint import Ids

LOOSE = r"\*{2,}|-{2,}|[\p{P}&&[^#%*/\-]]|\s"
"""White space, emphasis and punctuation; not signs that tell `2*3` from `2/3`, or `C#` from `C`."""

UNSPACED = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])"
"""Letters of scripts that put no space between words; each counts as a word."""

BASE = np.uint64(0x9E3779B97F4A7C15)

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of many texts end to end: for each its text's index, its hash and its characters."""

    texts: Positions
    hashes: Ids
    lengths: Positions

    def grams(self, n: int) -> tuple[Positions, Ids]:
        """Where each run of `n` words within one text starts, and its hash."""
        count = max(len(self.texts) - n + 1, 0)
        hashes = np.zeros(count, dtype=np.uint64)
        for offset in range(n):
            hashes = hashes * BASE + self.hashes[offset : offset + count]
        starts = np.flatnonzero(self.texts[:count] == self.texts[n - 1 : n - 1 + count])
        return starts, hashes[starts]


def fold(texts: pl.Series) -> pl.Series:
    """Texts without what does not make a difference: case, width, white space, punctuation.

    A text of nothing else is kept as it is.

    >>> fold(pl.Series(["It’s  a CAT!", "it s a cat", "?!"])).to_list()
    ['it s a cat', 'it s a cat', '?!']
    """
    plain = texts.str.normalize("NFKC").str.to_lowercase()
    folded = plain.str.replace_all(LOOSE, " ").str.replace_all(" +", " ").str.strip_chars(" ")
    return pl.select(pl.when(folded != "").then(folded).otherwise(plain.str.strip_chars())).to_series()


def split(folded: pl.Series) -> pl.Series:
    """The words of each folded text, as lists.

    >>> split(pl.Series(["two words", "猫だ"])).to_list()
    [['two', 'words'], ['猫', 'だ']]
    """
    spaced = folded.str.replace_all(UNSPACED, " $1 ").str.strip_chars(" ").str.replace_all(" +", " ")
    return spaced.str.split(" ")


def words(folded: pl.Series) -> Words:
    """The words of folded texts.

    >>> words(pl.Series(["two words", "猫だ"])).lengths.tolist()
    [3, 5, 1, 1]
    """
    pieces = pl.DataFrame({"text": pl.int_range(len(folded), eager=True), "word": split(folded)})
    flat = pieces.explode("word", empty_as_null=True)
    return Words(
        texts=flat["text"].to_numpy(),
        hashes=flat["word"].hash().to_numpy(),
        lengths=flat["word"].str.len_chars().cast(pl.Int64).to_numpy(),
    )


def shingles(folded: pl.Series, n: int) -> pl.DataFrame:
    """The set of word n-grams of each folded text, as rows of `text` (its index) and `shingle` (a hash).

    A text with fewer words is one shingle.
    """
    cut = words(folded)
    starts, hashes = cut.grams(n)
    grams = pl.DataFrame({"text": cut.texts[starts], "shingle": hashes})
    short = np.flatnonzero(np.bincount(cut.texts, minlength=len(folded)) < n)
    whole = pl.DataFrame({"text": short, "shingle": folded.gather(short).hash(seed=1)})
    return pl.concat([grams, whole]).unique()
