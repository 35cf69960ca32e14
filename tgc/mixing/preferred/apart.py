"""Rows in an order in which those that are unlike all before come first. Pure."""

from collections.abc import Iterator

import numpy as np

from tgc.lexical import SCALE, Vectors

BATCH = 1_024
"""Rows that are compared at a time with those that were taken."""

NETS = (*(step / 20 for step in range(1, 20)), 0.96, 0.97, 0.98, 0.99, 0.995)
"""Cosines from which on rows count as alike, one after the other."""


def apart(vectors: Vectors) -> Iterator[int]:
    """All rows, those first that are unlike all before: nets that get finer (Har-Peled & Mendel, SICOMP 2006).

    For each of `NETS` the rows are gone through in their order, and one is taken if it is less like all that were
    taken. So no two of a net are that alike, and when it ends, every row is that like one that was taken: greedy
    k-center (Gonzalez 1985) in steps, for which every two rows are compared once. The rest follows in its order.

    >>> list(apart(SCALE * np.eye(3, dtype=np.float32)[[0, 0, 1, 2]]))
    [0, 2, 3, 1]
    """
    nets = _Nets(vectors)
    for similarity in NETS:
        for start in range(0, len(vectors), BATCH):
            yield from nets.take(start, similarity * SCALE**2)
    yield from np.flatnonzero(nets.like < np.inf).tolist()


class _Nets:
    """Rows, of which some are taken: `like` says how like the most like one of those a row is, as far as known."""

    def __init__(self, vectors: Vectors) -> None:
        self.like = np.full(len(vectors), -np.inf, dtype=np.float32)
        self._vectors = vectors
        self._taken = np.empty_like(vectors)
        self._count = 0
        self._seen: dict[int, int] = {}

    def take(self, start: int, similarity: float) -> Iterator[int]:
        """Those of a batch that are less like all that were taken, among them those of the batch itself."""
        batch, like = self._vectors[start : start + BATCH], self.like[start : start + BATCH]
        for first in range(self._seen.get(start, 0), self._count, BATCH):
            taken = self._taken[first : min(first + BATCH, self._count)]
            np.maximum(like, (batch @ taken.T).max(axis=1), out=like)
        for place in np.flatnonzero(like < similarity).tolist():
            if like[place] < similarity:
                np.maximum(like, batch @ batch[place], out=like)
                like[place] = np.inf
                self._taken[self._count] = batch[place]
                self._count += 1
                yield start + place
        self._seen[start] = self._count
