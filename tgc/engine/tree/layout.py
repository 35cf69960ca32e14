"""Which pages each row attends to, so that every page is read once for all rows that share it; pure.

What a row makes of some of its tokens is a *part*. Drawn texts, and segments of few pages, have a part for every
page; longer segments have one. Parts are computed in few lots, each in one go: pages that one row alone has, read
where they are; and what several rows share, or is long, with the queries of several rows at once. A row adds its
parts up in the order of its text.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tgc.engine.tree.prefix import Segment
from tgc.engine.tree.schedule import Place

Ints = NDArray[np.int64]

GAP = 8
"""Pages of no use that are read along, where that makes one run of two."""

FEW = 2
"""Pages that a segment has at most for each to be a part of its own, which one row alone reads where it is."""

ABREAST = 16
"""Rows up to which stretches are of one lot; beyond, those that have twice as many are of another."""

NOWHERE = 0
"""The page that nobody has."""


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
class Lot:
    """Stretches of as many pages each, that as many rows read: a part for every stretch and row.

    Attributes:
        pages: of shape (stretches, pages); NOWHERE where there are no more.
        rows: of shape (stretches, rows); any where there are no more.
    """

    pages: Ints
    rows: Ints


@dataclass(frozen=True, slots=True)
class Layout:
    """What is computed, and where each row finds its own.

    Attributes:
        texts: pages of the tokens drawn, one part for each.
        alone: pages of short segments that one row has, one part for each.
        lots: other segments.
        parts: of shape (columns, rows): which of all parts in this order is the row's; -1 where it has none.
    """

    texts: tuple[Run, ...]
    alone: tuple[Run, ...]
    lots: tuple[Lot, ...]
    parts: Ints

    @property
    def lines(self) -> Ints:
        """Where the key heads of each part are computed, of shape (3, parts).

        They begin at a multiple of their number and some more, and are so far apart. Of pages that single rows
        have, they are one after the other, and of stretches, the rows of each.
        """
        pages = sum(len(run.owners) for run in (*self.texts, *self.alone))
        found = [
            np.stack((np.arange(pages), np.zeros(pages, dtype=np.int64), np.ones(pages, dtype=np.int64)))
        ]
        for lot in self.lots:
            stretch, row = np.divmod(np.arange(lot.rows.size), abreast := lot.rows.shape[1])
            found.append(np.stack((pages + stretch * abreast, row, np.full_like(row, abreast))))
            pages += lot.rows.size
        return np.concatenate(found, axis=1)


Use = tuple[int, int, int]
"""A page, a row that has it, and its column there."""


def lay(places: Sequence[Place]) -> Layout:
    """The layout of rows, which are sorted by the order of their leaves."""
    stretches = list(_stretches(places))
    deepest = max((one.column + 1 for one in stretches), default=0)
    longest = max((len(place.pages) for place in places), default=0)
    parts = np.full((deepest + longest, len(places)), -1, dtype=np.int64)
    texts = _single(_drawn(places, deepest), parts, 0)
    alone = _single(_only(stretches), parts, sum(len(run.owners) for run in texts))
    done = sum(len(run.owners) for run in (*texts, *alone))
    return Layout(texts, alone, _lots(stretches, parts, done), parts)


def rounded(count: int) -> int:
    """A number not much larger of which there are few: a product of a new shape takes a millisecond to prepare.

    >>> [rounded(count) for count in (1, 7, 9, 13, 33, 100)]
    [1, 7, 10, 14, 40, 112]
    """
    step = 1 << max(0, (count - 1).bit_length() - 3)
    return -(-count // step) * step


def _power(count: int) -> int:
    """The power of 2 that is not less."""
    return 1 << (count - 1).bit_length()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Pages that make one part for each of the rows first to last, in a column."""

    pages: tuple[int, ...]
    first: int
    last: int
    column: int

    @property
    def rows(self) -> int:
        """How many rows have it."""
        return self.last - self.first

    @property
    def alone(self) -> bool:
        """Whether it is read where it is."""
        return len(self.pages) == 1 and self.rows == 1


def _stretches(places: Sequence[Place]) -> Iterator[_Stretch]:
    for segment, (first, last, column) in _readers(places).items():
        for index, pages in enumerate(_cut(segment)):
            yield _Stretch(pages, first, last, column + index)


def _cut(segment: Segment) -> list[tuple[int, ...]]:
    """The pages of each of its parts: a function of the segment alone, as the rounding of sums must be."""
    count = len(segment.pages)
    if count <= FEW:
        return [(page,) for page in segment.pages]
    return [segment.pages + (NOWHERE,) * (_power(count) - count)]


def _readers(places: Sequence[Place]) -> dict[Segment, tuple[int, int, int]]:
    """The rows that begin with each segment, as a range, and the column of its first part."""
    found: dict[Segment, tuple[int, int, int]] = {}
    for row, place in enumerate(places):
        column = 0
        for segment in place.leaf.path:
            found[segment] = (found[segment][0] if segment in found else row, row + 1, column)
            column += len(_cut(segment))
    return found


def _drawn(places: Sequence[Place], deepest: int) -> Iterator[Use]:
    """Pages of texts; their columns come after those of all prompts."""
    for row, place in enumerate(places):
        yield from ((page, row, deepest + column) for column, page in enumerate(place.pages))


def _only(stretches: Iterable[_Stretch]) -> Iterator[Use]:
    return ((one.pages[0], one.first, one.column) for one in stretches if one.alone)


def _single(uses: Iterable[Use], parts: Ints, done: int) -> tuple[Run, ...]:
    """Pages in runs, whose parts are noted; `done` come before them."""
    table = np.array(sorted(uses), dtype=np.int64).reshape(-1, 3)
    runs: list[Run] = []
    for piece in np.split(table, np.flatnonzero(np.diff(table[:, 0]) > GAP) + 1) if len(table) else ():
        pages, rows, columns = piece.T
        stop = int(pages[-1]) + 1
        start = max(0, stop - rounded(stop - int(pages[0])))
        owners = np.full(stop - start, rows[0])
        owners[pages - start] = rows
        parts[columns, rows] = done + pages - start
        runs.append(Run(start, owners))
        done += len(owners)
    return tuple(runs)


def _lots(stretches: Iterable[_Stretch], parts: Ints, done: int) -> tuple[Lot, ...]:
    """Stretches in lots, whose parts are noted; `done` come before them."""
    lots: list[Lot] = []
    alike = defaultdict[tuple[int, int], list[_Stretch]](list)
    for one in stretches:
        if not one.alone:
            alike[len(one.pages), max(ABREAST, _power(one.rows))].append(one)
    for _, some in sorted(alike.items()):
        abreast = rounded(max(one.rows for one in some))
        for first, one in enumerate(some):
            own = np.arange(one.first, one.last)
            parts[one.column, own] = done + first * abreast + own - one.first
        rows = np.array([np.minimum(np.arange(one.first, one.first + abreast), one.last - 1) for one in some])
        lots.append(Lot(np.array([one.pages for one in some]), rows))
        done += rows.size
    return tuple(lots)
