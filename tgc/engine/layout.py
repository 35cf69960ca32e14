"""Which pages each row attends to, so that every page is read once for all rows that share it; pure.

What a row makes of one page is a *part*. Parts are computed in three lots, each of which the hardware reads in
one go: pages of drawn texts, which have one row each; pages of prompts that a single row has; and segments of
prompts that several rows share, with all their queries at once. A row then puts its parts together in the order
of its text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from tgc.engine.prefix import Segment
from tgc.engine.schedule import Place

Ints = NDArray[np.int64]

STRIDE = 8
"""Parts that are added up at once: a sum over more would be grouped as their number has it, and so rounded."""

GAP = 8
"""Pages of no use that are read along, where that makes one run of two."""


@dataclass(frozen=True, slots=True)
class Run:
    """Adjacent pages, each with one row to read it; of a page of no use, any row."""

    start: int
    owners: Ints

    @property
    def stop(self) -> int:
        """The page after the last."""
        return self.start + len(self.owners)


@dataclass(frozen=True, slots=True)
class Shared:
    """Adjacent pages that adjacent rows all read."""

    start: int
    stop: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What is computed, in this order, and which of it is whose.

    Attributes:
        texts: of the tokens drawn; a part per page.
        alone: of prompts that one row has; a part per page.
        shared: of prompts that several rows have; a part per page and row.
        parts: of shape (rows, a multiple of STRIDE), in the order of the text; -1 where a row has no more.
    """

    texts: tuple[Run, ...]
    alone: tuple[Run, ...]
    shared: tuple[Shared, ...]
    parts: Ints


def lay(places: Sequence[Place]) -> Layout:
    """The layout of rows, which are sorted by the order of their leaves."""
    readers = _readers(places)
    texts = tuple(_runs((page, row) for row, place in enumerate(places) for page in place.pages))
    own = ((segment, first) for segment, (first, last) in readers.items() if last - first == 1)
    alone = tuple(_runs((page, row) for segment, row in own for page in segment.pages))
    shared = tuple(
        Shared(start, stop, first, last)
        for segment, (first, last) in readers.items()
        if last - first > 1
        for start, stop in _stretches(segment.pages)
    )
    return Layout(texts, alone, shared, _parts(places, texts, alone, shared))


def _readers(places: Sequence[Place]) -> dict[Segment, tuple[int, int]]:
    """The rows that begin with each segment, as a range."""
    found: dict[Segment, tuple[int, int]] = {}
    for row, place in enumerate(places):
        for segment in place.leaf.path:
            found[segment] = (found.get(segment, (row, row))[0], row + 1)
    return found


def _runs(owned: Iterable[tuple[int, int]]) -> Iterator[Run]:
    """Pages with their rows, in adjacent runs."""
    table = np.array(sorted(owned), dtype=np.int64).reshape(-1, 2)
    if not len(table):
        return
    ends = np.flatnonzero(np.diff(table[:, 0]) > GAP) + 1
    for piece in np.split(table, ends):
        start = int(piece[0, 0])
        owners = np.full(int(piece[-1, 0]) + 1 - start, piece[0, 1])
        owners[piece[:, 0] - start] = piece[:, 1]
        yield Run(start, owners)


def _stretches(pages: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending pages as ranges."""
    for _, stretch in groupby(enumerate(pages), key=lambda item: item[1] - item[0]):
        adjacent = [page for _, page in stretch]
        yield adjacent[0], adjacent[-1] + 1


def _parts(
    places: Sequence[Place], texts: tuple[Run, ...], alone: tuple[Run, ...], shared: tuple[Shared, ...]
) -> Ints:
    width = max(sum(len(segment.pages) for segment in place.leaf.path) + len(place.pages) for place in places)
    highest = max([run.stop for run in (*texts, *alone)] + [one.stop for one in shared])
    where, stride = np.zeros(highest, dtype=np.int64), np.zeros(highest, dtype=np.int64)
    first = np.zeros(highest, dtype=np.int64)
    done = 0
    for run in (*texts, *alone):
        where[run.start : run.stop] = done + np.arange(len(run.owners))
        done += len(run.owners)
    for one in shared:
        rows = one.last - one.first
        where[one.start : one.stop] = done + rows * np.arange(one.stop - one.start)
        stride[one.start : one.stop], first[one.start : one.stop] = 1, one.first
        done += rows * (one.stop - one.start)
    parts = np.full((len(places), -(-width // STRIDE) * STRIDE), -1, dtype=np.int64)
    for row, place in enumerate(places):
        pages = np.array([page for segment in place.leaf.path for page in segment.pages] + place.pages)
        parts[row, : len(pages)] = where[pages] + stride[pages] * (row - first[pages])
    return parts
