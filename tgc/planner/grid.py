"""The slots of a level as a grid of ids, a row for each parent, a column for each sibling; sets of ids ascend."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc import fingerprint
from tgc.fingerprint import Ids
from tgc.planner.steps import Mask, Slots

CHUNK = 1 << 18
"""Ids to work on at a time: what is held besides input and answer then fits in a cache, however large the tree."""

SPOTS = 128
"""Where some stand for many, at how many places these are: what is next to each other is read together."""


def ids(level: str, parents: Ids, words: Ids) -> Ids:
    """The grid of a level, by its fingerprint, under these parents; `words` tell siblings apart."""
    grid: Ids = np.empty((len(parents), len(words)), dtype=np.uint64)
    for some in _chunks(len(parents), max(1, CHUNK // max(1, len(words)))):
        grid[some] = fingerprint.children(level, parents[some, np.newaxis], words)
    return grid


def slots(grid: Ids, parents: Ids, which: Mask) -> Slots:
    """The slots at which a mask of a grid is true, siblings together, in order."""
    cells = np.flatnonzero(which)
    rows, ordinals = np.divmod(cells, max(1, grid.shape[1]))
    return Slots(grid.ravel()[cells], parents[rows], ordinals.view(np.uint64))


def ascending(some: Ids) -> Ids:
    """Ids in order; polars sorts on every core, and faster than numpy on one."""
    ordered: Ids = pl.Series(some.ravel()).sort().to_numpy()
    return ordered


def among(some: Ids, held: Ids) -> Mask:
    """Which of some ids are among others, both ascending: in one pass over each."""
    found = np.zeros(len(some), dtype=np.bool_)
    for chunk in _chunks(len(some) if len(held) else 0, CHUNK):
        places = np.searchsorted(held, some[chunk])
        found[chunk] = held[np.minimum(places, len(held) - 1)] == some[chunk]
    return found


def marked(grid: Ids, some: Ids) -> Mask:
    """Where in a grid ids are that all occur in it; all or none of them takes no time."""
    if len(some) in (0, grid.size):
        return np.full(grid.shape, bool(len(some)), dtype=np.bool_)
    found = pl.Series(grid.ravel()).is_in(pl.Series(some).implode())
    return found.to_numpy().reshape(grid.shape)


def spread(length: int, most: int) -> NDArray[np.intp]:
    """All of so many places or, of more than `most`, about as many, by runs at `SPOTS`, evenly spaced."""
    if length <= most:
        return np.arange(length)
    size = -(-most // SPOTS)
    starts = np.linspace(0, length, most // size + 1).astype(np.intp)[:-1, np.newaxis]
    return (starts + np.arange(size)).ravel()


def _chunks(length: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, length, size))
