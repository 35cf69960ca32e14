"""Which nodes are held, and the number of each: what a writer asks for every node, so it is kept in memory.

DuckDB would read ten million ids to find a batch among them; an index of its own takes 40 bytes a node on disk.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc.fingerprint import Ids

RECENT = 1 << 18
"""How many nodes may be new before they are put among the others, which takes longer the more there are."""

Counted = NDArray[np.int64]


class Numbers:
    """Numbers of nodes by id, 16 bytes for each.

    Args:
        held: columns `node_id` and `number`, in any order.
    """

    def __init__(self, held: pl.DataFrame) -> None:
        ordered = held.sort("node_id")
        self._ids: Ids = ordered["node_id"].to_numpy()
        self._numbers: Counted = ordered["number"].to_numpy()
        self._recent: dict[int, int] = {}
        self._last = int(self._numbers.max(initial=0))

    def of(self, ids: Ids) -> Counted:
        """The number of each of these nodes; 0 where it is not held."""
        found = np.zeros(len(ids), dtype=np.int64)
        if len(self._ids):
            places = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
            there = self._ids[places] == ids
            found[there] = self._numbers[places[there]]
        for place in np.flatnonzero(found == 0).tolist() if self._recent else ():
            found[place] = self._recent.get(int(ids[place]), 0)
        return found

    def next(self, count: int) -> Counted:
        """The numbers that so many further nodes will have."""
        return np.arange(self._last + 1, self._last + 1 + count)

    def add(self, ids: Ids) -> None:
        """Take in further nodes, with the numbers that `next` gives."""
        self._recent.update(zip(ids.tolist(), self.next(len(ids)).tolist(), strict=True))
        self._last += len(ids)
        if len(self._recent) > RECENT:
            self._merge()

    def _merge(self) -> None:
        recent = np.fromiter(self._recent, dtype=np.uint64, count=len(self._recent))
        numbers = np.fromiter(self._recent.values(), dtype=np.int64, count=len(self._recent))
        order = np.argsort(recent)
        places = np.searchsorted(self._ids, recent[order])
        self._ids = np.insert(self._ids, places, recent[order])
        self._numbers = np.insert(self._numbers, places, numbers[order])
        self._recent = {}
