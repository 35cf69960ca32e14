"""Text as filters compare it: folded, cut into words, hashed into n-grams."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc.fingerprint import Ids

LOOSE = r"\*{2,}|-{2,}|[\p{P}`&&[^#%*/\-]]|\s"
"""White space, emphasis and punctuation; not signs that tell `2*3` from `2/3`, or `C#` from `C`."""

UNSEEN = r"\p{Default_Ignorable_Code_Point}+"
"""What NFKC_Casefold leaves out: zero-width spaces and joiners, soft hyphens, marks of order, of emoji's style."""

SIGNS = dict.fromkeys("‐‑–−", "-") | dict.fromkeys("⁄∕", "/")
"""Hyphens, dashes of ranges, minus and slashes of fractions, as ASCII writes them."""

CASES = {"ß": "ss", "ς": "σ"}
"""What has no capital letter of its own."""

TYPOGRAPHIC = SIGNS | dict.fromkeys("\u00a0«»—‘’“”„…•", " ")
"""Marks outside of ASCII that are common in texts otherwise in it, and what folding makes of them first."""

UNSPACED = r"([\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}])"
"""Letters of scripts that put no space between words; each counts as a word."""

DASHED = rf"-( |$|{UNSPACED})"
"""A dash behind a word or between spaces, which is loose too, as in `now - or never`, or before such a letter."""

BASE = np.uint64(0x9E3779B97F4A7C15)

AT_ONCE = 1_000_000
"""Bytes of text that are worked on together: what is made of them stays in a processor's cache."""

FEW = 50
"""Up to so many texts it is not worth looking which are in ASCII."""

SPACE, BREAK, DASH = 0x20, 0x0A, 0x2D

Positions = NDArray[np.int64]
Bytes = NDArray[np.uint8]


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


def parts(texts: pl.Series, size: int = AT_ONCE) -> Iterator[pl.Series]:
    """The texts in their order, in parts of about so many bytes or of one text.

    >>> [part.to_list() for part in parts(pl.Series(["one", "two", "three"]), 6)]
    [['one', 'two'], ['three']]
    """
    before = texts.str.len_bytes().fill_null(0).cum_sum().shift(1, fill_value=0)
    starts = (before // size).rle().struct.field("len").cum_sum().to_list()
    for start, stop in zip([0, *starts], starts, strict=False):
        yield texts[start:stop]


def fold(texts: pl.Series) -> pl.Series:
    """Texts without what does not make a difference: case, width, white space, punctuation, what cannot be seen.

    There is one space between words, in scripts that put none there too. Punctuation and nothing else is kept.
    Texts in ASCII, typographic marks aside, are folded byte by byte: some 150,000 of 1 KB a second on one core,
    where others take the Unicode way at 25,000.

    >>> fold(pl.Series(["It’s  a CAT!", "it s a cat", "猫だ。", "?!"])).to_list()
    ['it s a cat', 'it s a cat', '猫 だ', '?!']
    """
    if len(texts) <= FEW:
        return _fold_any(texts)
    return pl.concat([_fold(part) for part in parts(texts)])


def plain(texts: pl.Series) -> pl.Series:
    r"""Texts in lower case and one form of Unicode, without what cannot be seen.

    >>> plain(pl.Series(["Ｓｔ\u00adraße", "e\u0301"])).to_list()
    ['strasse', 'é']
    """
    odd = ~is_ascii(texts)
    seen = texts.filter(odd).str.normalize("NFKC").str.replace_all(UNSEEN, "")
    alike = seen.str.to_lowercase().str.replace_many(SIGNS | CASES)
    return _with(texts.str.to_lowercase(), odd, alike.str.normalize("NFKC"))  # letters have met other marks


def spaced(texts: pl.Series) -> pl.Series:
    """Texts with spaces around the letters of scripts that put none between words, and no two in succession.

    >>> spaced(pl.Series(["two words", "猫だ"])).to_list()
    ['two words', '猫 だ']
    """
    odd = ~is_ascii(texts) | texts.str.contains("  ", literal=True).fill_null(value=False)
    apart = texts.filter(odd).str.replace_all(UNSPACED, " $1 ").str.replace_all(" +", " ")
    return _with(texts, odd, apart).str.strip_chars(" ")


def is_ascii(texts: pl.Series) -> pl.Series:
    """Which texts hold nothing that is not ASCII; a null holds nothing."""
    return (texts.str.len_bytes() == texts.str.len_chars()).fill_null(value=True)


def loosened(texts: pl.Series) -> tuple[Bytes, Positions]:
    """Texts in ASCII end to end, folded but for spaces, of which there are as many as loose bytes; and their ends.

    Each ends in one more space. Typographic marks count as ASCII; of a text that holds others there is only that
    space.
    """
    odd = ~is_ascii(texts)
    simple = _with(texts, odd, texts.filter(odd).str.replace_many(TYPOGRAPHIC))
    simple = _with(simple, ~is_ascii(simple), pl.Series([""])).fill_null("")
    joined = bytearray(simple.str.join("\n").item() + "\n", "ascii").translate(_folded_bytes())
    told = np.frombuffer(joined, dtype=np.uint8)
    for mark in b"*-":
        _loosen_runs(told, mark)
    dashes = np.flatnonzero(told == DASH)
    told[dashes[told[dashes + 1] == SPACE]] = SPACE
    return told, np.cumsum(simple.str.len_bytes().to_numpy() + np.uint32(1), dtype=np.int64)


def words(folded: pl.Series) -> Words:
    """The words of folded texts.

    >>> words(pl.Series(["two words", "猫 だ"])).lengths.tolist()
    [3, 5, 1, 1]
    """
    pieces = pl.DataFrame({"text": pl.int_range(len(folded), eager=True), "word": folded.str.split(" ")})
    flat = pieces.explode("word", empty_as_null=True)
    return Words(
        texts=flat["text"].to_numpy(),
        hashes=flat["word"].hash().to_numpy(),
        lengths=flat["word"].str.len_chars().cast(pl.Int64).to_numpy(),
    )


def runs(folded: pl.Series, n: int) -> pl.DataFrame:
    """The runs of `n` words of each text, as `text` (its index), `start` (a word's number) and `gram` (a hash).

    A text with fewer words is one run, which starts at -1.
    """
    cut = words(folded)
    counts = np.bincount(cut.texts, minlength=len(folded))
    starts, hashes = cut.grams(n)
    within = starts - (np.cumsum(counts) - counts)[cut.texts[starts]]
    grams = pl.DataFrame({"text": cut.texts[starts], "start": within, "gram": hashes})
    short = np.flatnonzero(counts < n)
    whole = pl.DataFrame({"text": short, "gram": folded.gather(short).hash(seed=1)})
    return pl.concat(
        [grams, whole.select("text", "gram", start=pl.lit(-1, dtype=pl.Int64)).select(grams.columns)]
    )


def _fold(texts: pl.Series) -> pl.Series:
    folded = _fold_ascii(texts)
    left = folded == ""
    return _with(folded, left, _fold_any(texts.filter(left)))


def _fold_any(texts: pl.Series) -> pl.Series:
    told = plain(texts)
    folded = spaced(told.str.replace_all(LOOSE, " ").str.replace_all(DASHED, " $1"))
    empty = folded == ""
    return _with(folded, empty, told.filter(empty).str.replace_all(r"\s+", " ").str.strip_chars(" "))


def _fold_ascii(texts: pl.Series) -> pl.Series:
    """The texts that are in ASCII and hold more than loose bytes, folded; the others empty."""
    told, ends = loosened(texts)
    told[ends - 1] = BREAK
    space = told == SPACE
    once = told[~np.concatenate([[False], space[1:] & space[:-1]])]
    return pl.Series([once[:-1].tobytes().decode("ascii")]).str.split("\n").explode().str.strip_chars(" ")


def _loosen_runs(told: Bytes, mark: int) -> None:
    """Make spaces of two or more of a mark in succession."""
    marked = told == mark
    runs = np.flatnonzero(marked[1:] & marked[:-1])
    told[runs] = told[runs + 1] = SPACE


@cache
def _folded_bytes() -> bytes:
    """What each byte of a text in ASCII is folded to, by itself."""
    every = pl.Series([chr(code) for code in range(128)])
    folded = every.str.to_lowercase().str.replace_all(LOOSE, " ")
    return bytes(folded.str.join("").item(), "ascii").ljust(256)


def _with(texts: pl.Series, where: pl.Series, others: pl.Series) -> pl.Series:
    """The texts, but at some places others: as many as places, or one for all."""
    if not where.any():
        return texts
    index = (where.cast(pl.Int64).cum_sum() - 1).clip(0, len(others) - 1)
    return pl.select(pl.when(where).then(others.gather(index)).otherwise(texts)).to_series()
