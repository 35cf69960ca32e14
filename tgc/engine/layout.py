"""Which pages each row attends to, so that every page is read once for all rows that share it; pure.

What a row makes of a page is a *part*. Parts are computed in three lots, each in one go: pages of drawn texts and
pages of prompts that a single row has, read where they are; and pages of prompts that several rows share, with the
queries of several rows at once. A row has a column for every page, in the order of its text, and adds its parts up
column by column.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tgc.engine.prefix import Segment
from tgc.engine.schedule import Place

Ints = NDArray[np.int64]

GAP = 8
"""Pages of no use that are read along, where that makes one run of two."""

ABREAST = 16
"""Rows whose queries are put to a shared page at once."""


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
class Single:
    """Pages that one row has each.

    Attributes:
        parts: for each that is of use, the how manieth of all pages of the runs it is.
        rows: whose it is.
        columns: which of the row's.
    """

    runs: tuple[Run, ...]
    parts: Ints
    rows: Ints
    columns: Ints


@dataclass(frozen=True, slots=True)
class Shared:
    """Pages that several rows have, each as often as it takes to read it for all.

    Attributes:
        pages: of shape (times,).
        rows: of shape (times, ABREAST); -1 where there are no more.
        columns: of shape (times,): which of the rows'.
    """

    pages: Ints
    rows: Ints
    columns: Ints


@dataclass(frozen=True, slots=True)
class Layout:
    """What is computed; `columns` are the parts that a row has at most."""

    texts: Single
    alone: Single
    shared: Shared
    columns: int


Use = tuple[int, int, int]
"""A page, a row that has it, and its column there."""


def lay(places: Sequence[Place]) -> Layout:
    """The layout of rows, which are sorted by the order of their leaves."""
    deepest = max((sum(len(part.pages) for part in place.leaf.path) for place in places), default=0)
    longest = max((len(place.pages) for place in places), default=0)
    readers = _readers(places)
    texts = (
        (page, row, deepest + column)
        for row, place in enumerate(places)
        for column, page in enumerate(place.pages)
    )
    alone = (
        (page, first, column)
        for segment, (first, last, before) in readers.items()
        if last - first == 1
        for column, page in enumerate(segment.pages, before)
    )
    return Layout(_single(texts), _single(alone), _shared(readers), deepest + longest)


def _readers(places: Sequence[Place]) -> dict[Segment, tuple[int, int, int]]:
    """The rows that begin with each segment, as a range, and the pages before it."""
    found: dict[Segment, tuple[int, int, int]] = {}
    for row, place in enumerate(places):
        before = 0
        for segment in place.leaf.path:
            found[segment] = (found[segment][0] if segment in found else row, row + 1, before)
            before += len(segment.pages)
    return found


def _single(uses: Iterable[Use]) -> Single:
    table = np.array(sorted(uses), dtype=np.int64).reshape(-1, 3)
    pages, rows, columns = table.T
    ends = np.flatnonzero(np.diff(pages) > GAP) + 1
    runs = tuple(_runs(np.split(table, ends))) if len(table) else ()
    starts = np.cumsum([0, *(len(run.owners) for run in runs)])[: len(runs)]
    offsets = np.repeat(
        [start - run.start for start, run in zip(starts, runs, strict=True)],
        np.diff([0, *ends, len(table)]) if len(table) else [],
    )
    return Single(runs, pages + offsets.astype(np.int64), rows, columns)


def _runs(pieces: Iterable[Ints]) -> Iterator[Run]:
    for piece in pieces:
        start = int(piece[0, 0])
        owners = np.full(int(piece[-1, 0]) + 1 - start, piece[0, 1])
        owners[piece[:, 0] - start] = piece[:, 1]
        yield Run(start, owners)


def _shared(readers: dict[Segment, tuple[int, int, int]]) -> Shared:
    times = [
        (page, start, min(start + ABREAST, last), column)
        for segment, (first, last, before) in readers.items()
        if last - first > 1
        for column, page in enumerate(segment.pages, before)
        for start in range(first, last, ABREAST)
    ]
    pages, starts, ends, columns = np.array(times, dtype=np.int64).reshape(-1, 4).T
    rows = starts[:, None] + np.arange(ABREAST)
    return Shared(pages, np.where(rows < ends[:, None], rows, -1), columns)
