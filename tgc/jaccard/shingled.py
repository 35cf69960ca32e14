"""Sets of shingles, and who repeats whom: what both ways of comparing take and give."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc.fingerprint import Ids
from tgc.text.folded import Positions

SLACK = 1e-9
"""Keeps rounding from losing a pair whose similarity is the threshold itself."""

STEPS = 1 << 18
"""What comparing a text may cost: about a third of a millisecond of compiled loops, and ten times that without."""

KEPT = -1
"""Of whom a text that is kept is a repeat."""


class Shingled(NamedTuple):
    """Shingles of texts, as hashes that are the same in no two groups.

    Attributes:
        said: a hash of all words of each text.
        shingles: of all texts end to end; one that a text repeats stands there repeatedly.
        starts: where those of each text start, and where the last ones end.
    """

    said: Ids
    shingles: Ids
    starts: Positions


class Found(NamedTuple):
    """Of each text, whose repeat it is.

    Attributes:
        of: the most similar text that is kept, the first of several; `KEPT` where the text itself is.
        scores: how similar it is to that one.
        cut: whether the text was compared with some only, for comparing it with all cost too much.
    """

    of: Positions
    scores: NDArray[np.float64]
    cut: NDArray[np.bool_]

    @classmethod
    def nothing(cls, texts: int) -> "Found":
        """So many texts that are all kept."""
        return cls(np.full(texts, KEPT), np.zeros(texts), np.zeros(texts, dtype=np.bool_))


Part = tuple[pl.Series, Ids]
"""Some texts, and the group of each."""

Read = Callable[[Iterable[Part], int], Shingled]
"""The shingles of texts that come in parts, given the words per shingle; no text is kept."""

Join = Callable[[Shingled, Positions, float], Found]
"""Of whom each of the distinct texts is a repeat, given the threshold; the shingles are used up."""


def gathered(parts: Iterable[Shingled]) -> Shingled:
    """The shingles of several parts, end to end."""
    said, starts, shingles = [np.empty(0, np.uint64)], [np.zeros(1, np.int64)], np.empty(0, np.uint64)
    for part in parts:
        said.append(part.said)
        starts.append(part.starts[1:] + len(shingles))
        shingles.resize(len(shingles) + len(part.shingles), refcheck=False)  # a gigabyte is not copied
        shingles[len(shingles) - len(part.shingles) :] = part.shingles
    return Shingled(np.concatenate(said), shingles, np.concatenate(starts))
