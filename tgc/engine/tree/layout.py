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

from tgc.engine.tree.prefix import Segment
from tgc.engine.tree.schedule import Place

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
class Shared:
    """Pages that several rows have, each as often as it takes to read it for all.

    Attributes:
        pages: of shape (times,).
        rows: of shape (times, ABREAST); any where there are no more.
    """

    pages: Ints
    rows: Ints


@dataclass(frozen=True, slots=True)
class Layout:
    """What is computed, and where each row finds its own.

    Attributes:
        texts: pages of the tokens drawn, one part for each.
        alone: pages of prompts that one row has, one part for each.
        shared: pages of prompts that several rows have, ABREAST parts for each time.
        parts: of shape (columns, rows): which of all parts in this order is the row's; -1 where it has none.
    """

    texts: tuple[Run, ...]
    alone: tuple[Run, ...]
    shared: Shared
    parts: Ints


Use = tuple[int, int, int]
"""A page, a row that has it, and its column there."""


def lay(places: Sequence[Place]) -> Layout:
    """The layout of rows, which are sorted by the order of their leaves."""
    deepest = max((sum(len(part.pages) for part in place.leaf.path) for place in places), default=0)
    longest = max((len(place.pages) for place in places), default=0)
    readers = _readers(places)
    parts = np.full((deepest + longest, len(places)), -1, dtype=np.int64)
    texts = _single(_drawn(places, deepest), parts, 0)
    alone = _single(_only(readers), parts, sum(len(run.owners) for run in texts))
    done = sum(len(run.owners) for run in (*texts, *alone))
    return Layout(texts, alone, _shared(readers, parts, done), parts)


def _drawn(places: Sequence[Place], deepest: int) -> Iterator[Use]:
    """Pages of texts; their columns come after those of all prompts."""
    for row, place in enumerate(places):
        yield from ((page, row, deepest + column) for column, page in enumerate(place.pages))


def _only(readers: "Readers") -> Iterator[Use]:
    """Pages of segments that one row has."""
    for segment, (first, last, before) in readers.items():
        if last - first == 1:
            yield from ((page, first, column) for column, page in enumerate(segment.pages, before))


Readers = dict[Segment, tuple[int, int, int]]
"""The rows that begin with each segment, as a range, and the pages before it."""


def _readers(places: Sequence[Place]) -> Readers:
    found: Readers = {}
    for row, place in enumerate(places):
        before = 0
        for segment in place.leaf.path:
            found[segment] = (found[segment][0] if segment in found else row, row + 1, before)
            before += len(segment.pages)
    return found


def _single(uses: Iterable[Use], parts: Ints, done: int) -> tuple[Run, ...]:
    """Pages in runs, whose parts are noted; `done` come before them."""
    table = np.array(sorted(uses), dtype=np.int64).reshape(-1, 3)
    runs: list[Run] = []
    for piece in np.split(table, np.flatnonzero(np.diff(table[:, 0]) > GAP) + 1) if len(table) else ():
        pages, rows, columns = piece.T
        start = int(pages[0])
        owners = np.full(int(pages[-1]) + 1 - start, rows[0])
        owners[pages - start] = rows
        parts[columns, rows] = done + pages - start
        runs.append(Run(start, owners))
        done += len(owners)
    return tuple(runs)


def _shared(readers: Readers, parts: Ints, done: int) -> Shared:
    """Pages that several rows have, whose parts are noted; `done` come before them."""
    pages, rows = list[int](), list[Ints]()
    for segment, (first, last, before) in readers.items():
        if last - first == 1:
            continue
        for column, page in enumerate(segment.pages, before):
            for start in range(first, last, ABREAST):
                own = np.arange(start, min(start + ABREAST, last))
                parts[column, own] = done + len(pages) * ABREAST + own - start
                pages.append(page)
                rows.append(np.pad(own, (0, ABREAST - len(own)), mode="edge"))
    return Shared(np.array(pages, dtype=np.int64), np.array(rows, dtype=np.int64).reshape(-1, ABREAST))
