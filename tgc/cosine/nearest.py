"""The rows that were kept so far, asked whether one of them is like a new one."""

from typing import Protocol

import numpy as np

from tgc.cosine.bound import bounding
from tgc.cosine.products import Indices, Units, Vectors, cosines, places, slack

NONE = -1
"""In place of a row, where there is none."""

SLAB = 8_192
"""Kept rows that are compared at a time."""


class Nearest(Protocol):
    """Rows that were kept."""

    def add(self, rows: Indices) -> None:
        """Keep more rows."""
        ...

    def like(self, rows: Indices) -> Indices:
        """For each row one that was kept and is like it, else `NONE`."""
        ...


class Exact:
    """Every row is compared with every one that was kept: first what their cosine is at most, then what it is.

    Args:
        units: unit rows.
        members: the indices of those that may be kept.
        threshold: the least cosine of rows that are alike.
    """

    def __init__(self, units: Units, members: Indices, threshold: float) -> None:
        self._units = units
        self._threshold = threshold
        self._open = threshold - slack(units.width)
        self._bound = bounding(units[members[:: max(len(members) // 4_096, 1)]], threshold)
        self._kept = np.empty_like(members)
        self._bounds = np.empty((len(members), self._bound(units[members[:1]]).shape[1]), dtype=np.float32)
        self._room = np.empty(0, dtype=np.float32)
        self._count = 0

    def add(self, rows: Indices) -> None:
        """Keep more rows."""
        more = slice(self._count, self._count + len(rows))
        self._kept[more], self._bounds[more] = rows, self._bound(self._units[rows])
        self._count += len(rows)

    def like(self, rows: Indices) -> Indices:
        """For each row the first that was kept and is like it, else `NONE`."""
        found = np.full(len(rows), NONE, dtype=np.int64)
        bounds = self._bound(self._units[rows])
        for start in range(0, self._count, SLAB):
            slab = slice(start, min(start + SLAB, self._count))
            left = np.flatnonzero(found == NONE)
            one, other = places(self._product(bounds[left], self._bounds[slab]) >= self._open)
            enter(found, rows, (left[one], self._kept[slab][other]), self._units, self._threshold)
        return found

    def _product(self, some: Vectors, others: Vectors) -> Vectors:
        """All products, in memory that is used again: to be given new pages takes as long as to multiply."""
        cells = len(some) * len(others)
        if len(self._room) < cells:
            self._room = np.empty(cells, dtype=np.float32)
        room = self._room[:cells].reshape(len(some), len(others))
        return np.matmul(some, others.T, out=room)


def enter(
    found: Indices, rows: Indices, pairs: tuple[Indices, Indices], units: Units, threshold: float
) -> None:
    """Write down the first kept row that each is like, of pairs of a place in `rows` and a kept row, in order."""
    one, kept = pairs
    alike = cosines(units, rows[one], kept) >= threshold
    repeating, firsts = np.unique(one[alike], return_index=True)
    found[repeating] = kept[alike][firsts]
