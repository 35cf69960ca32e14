"""Rows in an order in which those that stand for most others come first. Pure."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tgc.lexical import Vectors

WITNESSES = 2_048
"""Rows by which it is told at a time what rows stand for; where rows are in hash order, they are a sample."""

EACH = 8
"""Witnesses to a row that is taken by them: with fewer, rows are taken that stand for little but a witness."""

BLOCK = 512
"""Rows that are compared at a time."""

STEP = 16
"""Products of vectors are told apart in such steps, of which those of the same have as many as fit in 16 bits."""


def covering(vectors: Vectors) -> Iterator[int]:
    """All rows, next always that by which the others get most like the most like one that was taken.

    That is facility location by the greedy algorithm, within 1 - 1/e of the best for any number of rows
    (Nemhauser, Wolsey & Fisher 1978): the sum over rows of the cosine with the most like one taken, none below 0.
    Of more rows than `WITNESSES`, so many make the sum (as in Badanidiyuru et al., KDD 2014) and after a share of
    rows was taken by them the next, round and round. All is counted in whole numbers, so the order is the same on
    every machine; of rows that add as much the first is taken, and those that add nothing follow in their order.

    >>> from tgc.lexical import SCALE
    >>> list(covering(SCALE * np.eye(3, dtype=np.float32)[[0, 1, 1, 2]]))
    [1, 0, 3, 2]
    """
    taken = np.zeros(len(vectors), dtype=np.bool_)
    most = len(vectors) if len(vectors) <= WITNESSES else WITNESSES // EACH
    before = -1
    while before < (before := int(taken.sum())):
        for start in range(0, len(vectors), WITNESSES):
            cover = _Cover(vectors, vectors[start : start + WITNESSES], taken)
            for row in islice(cover, most):
                taken[row] = True
                yield row
    yield from np.flatnonzero(~taken).tolist()


class _Cover:
    """Rows, of which some are taken, and witnesses: `adds` says what a row would add to these."""

    def __init__(self, vectors: Vectors, witnesses: Vectors, taken: NDArray[np.bool_]) -> None:
        self._likes = _likes(vectors, witnesses)
        self._best = np.zeros(len(witnesses), dtype=np.uint16)
        self._adds = self._likes.sum(axis=0, dtype=np.int64)
        if taken.any():
            self._approach(np.arange(len(witnesses)), self._likes[:, taken].max(axis=1))

    def __iter__(self) -> Iterator[int]:
        """Each row that adds most, as long as one adds anything."""
        while self._adds[row := int(self._adds.argmax())] > 0:
            likes = self._likes[:, row].copy()
            self._approach(np.flatnonzero(likes > self._best), likes)
            yield row

    def _approach(self, nearer: NDArray[np.int64], likes: NDArray[np.uint16]) -> None:
        """To be that like some witnesses adds nothing any more."""
        for start in range(0, len(nearer), BLOCK):
            some = nearer[start : start + BLOCK]
            before, now = self._best[some, None], likes[some, None]
            self._adds -= (np.clip(self._likes[some], before, now) - before).sum(axis=0, dtype=np.int64)
            self._best[some] = likes[some]


def _likes(vectors: Vectors, witnesses: Vectors) -> NDArray[np.uint16]:
    """How like each row is to each witness, in steps; 0 for what is unlike."""
    found = np.empty((len(witnesses), len(vectors)), dtype=np.uint16)
    for start in range(0, len(vectors), BLOCK):
        products = witnesses @ vectors[start : start + BLOCK].T
        found[:, start : start + BLOCK] = np.clip(products / STEP, 0, np.iinfo(np.uint16).max)
    return found
