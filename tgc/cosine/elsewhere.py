"""The rows that were kept so far, where somebody else multiplies them: on a GPU."""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from tgc.cosine.nearest import NONE, enter
from tgc.cosine.products import Indices, Units, Vectors, slack


class Held(Protocol):
    """Rows that were kept, compared with others by products of single precision."""

    def add(self, rows: Vectors) -> None:
        """Keep more rows."""
        ...

    def like(self, rows: Vectors) -> Iterator[tuple[Indices, Indices]]:
        """The pairs that may be alike, as places of rows and of kept ones; in parts, first those kept first.

        In a part they are in the order of the rows, and of the kept ones for each. After the first that surely is
        like a row, its others need not be told.
        """
        ...


Hold = Callable[[tuple[int, int], float, float], Held]
"""Makes room for rows: how many at most and how wide, the product of those that may be alike, and that from which
they surely are."""


class Elsewhere:
    """Every row is compared with every one that was kept, by products made elsewhere; what these leave open, here.

    Args:
        units: unit rows.
        members: the indices of those that may be kept.
        threshold: the least cosine of rows that are alike.
        hold: who makes the products.
    """

    def __init__(self, units: Units, members: Indices, threshold: float, hold: Hold) -> None:
        self._units, self._threshold = units, threshold
        lost = float(slack(units.width))
        self._held = hold((len(members), units.width), threshold - lost, threshold + lost)
        self._kept = np.empty_like(members)
        self._count = 0

    def add(self, rows: Indices) -> None:
        """Keep more rows."""
        self._kept[self._count : self._count + len(rows)] = rows
        self._count += len(rows)
        self._held.add(self._units[rows])

    def like(self, rows: Indices) -> Indices:
        """For each row the first that was kept and is like it, else `NONE`."""
        found = np.full(len(rows), NONE, dtype=np.int64)
        for one, other in self._held.like(self._units[rows]):
            left = found[one] == NONE
            enter(found, rows, (one[left], self._kept[other[left]]), self._units, self._threshold)
        return found
