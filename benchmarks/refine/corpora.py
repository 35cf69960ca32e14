"""Corpora of which it is known what repeats what: the same texts on every machine.

Words are drawn by Zipf's law from a vocabulary of made-up ones; a tenth ends in a comma, a tenth ends a sentence.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Chances = NDArray[np.float64]

VOCABULARY = 50_000
SUFFIXES = (*[""] * 8, ",", ".")
AT_ONCE = 20_000
TEMPLATES = 20


def documents(count: int, words: int = 135) -> tuple[pl.Series, Numbers]:
    """Texts of so many words, and the number of the one that each was made of: its own where it is new.

    Of 135 words they have 1.1 KB. 80 % are new, 5 % exact copies, every other of them in capitals, and 15 % copies
    with 1 to 12 words exchanged. They stand in no particular order.
    """
    new = count * 4 // 5
    numbers = np.arange(count)
    sources = np.where(numbers < new, numbers, (_chances(1, numbers) * new).astype(np.int64))
    parts = [
        _documents(numbers[at : at + AT_ONCE], sources[at : at + AT_ONCE], count, words)
        for at in range(0, count, AT_ONCE)
    ]
    order = np.argsort(_chances(2, numbers))
    return pl.concat(parts).gather(order), np.argsort(order)[sources[order]]


def templated(count: int) -> pl.Series:
    """Texts of one of 20 templates, 100 words, and 30 words of their own.

    61 % of the 5-grams of two texts of a template are the same: none is a near-duplicate at 0.7.
    """
    numbers = np.arange(count)
    shared = _ranks(_chances(3, _grid(np.arange(TEMPLATES), 100)))[numbers % TEMPLATES]
    return _spelled(np.concatenate([shared, _ranks(_chances(4, _grid(numbers, 30)))], axis=1))


def sentences(count: int) -> pl.Series:
    """Short texts of 4 to 24 words, 118 bytes on average; a tenth are copies."""
    numbers = np.arange(count)
    sources = np.where(_chances(5, numbers) < 0.9, numbers, (_chances(6, numbers) * count).astype(np.int64))
    return pl.concat([_sentences(sources[at : at + AT_ONCE]) for at in range(0, count, AT_ONCE)])


def _documents(numbers: Numbers, sources: Numbers, count: int, words: int) -> pl.Series:
    ranks = _ranks(_chances(7, _grid(sources, words)))
    edited = numbers >= count * 17 // 20
    exchanged = np.where(edited, 1 + (_chances(8, numbers) * 12).astype(np.int64), 0)
    places = np.argsort(np.argsort(_chances(9, _grid(numbers, words))))
    ranks = np.where(places < exchanged[:, None], _ranks(_chances(10, _grid(numbers, words))), ranks)
    loud = pl.Series((numbers != sources) & ~edited & (numbers % 2 == 0))
    texts = _spelled(ranks)
    return pl.select(pl.when(loud).then(texts.str.to_uppercase()).otherwise(texts)).to_series()


def _sentences(sources: Numbers) -> pl.Series:
    lengths = 4 + (_chances(11, sources) * 21).astype(np.int64)
    told = pl.DataFrame({"text": _spelled(_ranks(_chances(12, _grid(sources, 24)))), "words": lengths})
    return told.select(pl.col("text").str.split(" ").list.head("words").list.join(" ")).to_series()


def _spelled(ranks: Numbers) -> pl.Series:
    words = pl.Series(_vocabulary()).gather(ranks.ravel()).reshape(ranks.shape)
    return words.arr.join(" ")


@cache
def _vocabulary() -> list[str]:
    """Words in the order of their frequency, each with every suffix."""
    letters = (_chances(13, _grid(np.arange(VOCABULARY), 12)) * 26).astype(np.int64) + ord("a")
    lengths = 3 + (_chances(14, np.arange(VOCABULARY)) * 10).astype(np.int64)
    words = ["".join(map(chr, row[:length])) for row, length in zip(letters.tolist(), lengths, strict=True)]
    return [word + suffix for word in words for suffix in SUFFIXES]


def _ranks(chances: Chances) -> Numbers:
    """Places in the vocabulary: of words by Zipf's law, of suffixes each alike."""
    words = VOCABULARY**chances
    return (words.astype(np.int64) - 1) * len(SUFFIXES) + (words % 1 * len(SUFFIXES)).astype(np.int64)


def _grid(rows: Numbers, columns: int) -> Numbers:
    return rows[:, None] * columns + np.arange(columns)


def _chances(stream: int, numbers: Numbers) -> Chances:
    """Numbers between 0 and 1, each a function of a stream and a number (splitmix64)."""
    bits = (numbers.astype(np.uint64) + np.uint64(stream << 48)) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (bits ^ (bits >> np.uint64(31))).astype(np.float64) / 2**64
