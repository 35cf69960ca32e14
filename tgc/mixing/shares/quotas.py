"""In which order rows are taken, so that shares hold from the first row to any other. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_ROUNDS = 2_000
CLOSE = 1e-9
"""How far fitted shares may be at least from those of the round before."""

NEAR = 1e-3
"""By how many rows they may differ over all that are taken by them."""

FINER = 2
"""How many times as near it must be to be fitted again."""

LEAST = 1e-30
"""The share that a cell begins with at least while it is open, so that it can have one again when others close."""

AT_ONCE = 1_024
"""Rows that are made Python's numbers at a time."""

SPARSE = 4
"""How many values per row are still few enough to count them all."""

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Order = Callable[[Indices], Iterator[int]]
"""In which order rows are taken, of those that are given in theirs."""


@dataclass(frozen=True, slots=True, eq=False)
class Quota:
    """Shares over the values that rows have in one respect.

    Attributes:
        values: which value each row has, or each cell.
        shares: of each value; they need not add up to 1.
    """

    values: Indices
    shares: Floats


def as_they_are(rows: Indices) -> Iterator[int]:
    """Rows in their order."""
    for start in range(0, len(rows), AT_ONCE):
        yield from rows[start : start + AT_ONCE].tolist()


def taken(quotas: Sequence[Quota], rows: int, order: Order = as_they_are) -> Iterator[int]:
    """All the rows by their indices, each as soon as what it is falls behind its shares.

    Rows of the same values, which make a cell, are taken in their `order`. As long as no cell runs out, every
    value of every quota is within about one row of its share, however many are taken; afterwards the shares
    are fitted anew to the cells that are left. Nothing depends on how many will be taken, so fewer rows are
    always part of more.

    >>> colours = Quota(np.array([0, 0, 0, 0, 0, 1]), np.array([0.5, 0.5]))
    >>> list(taken([colours], 6))
    [0, 5, 1, 2, 3, 4]
    """
    if not quotas:
        yield from order(np.arange(rows))
        return
    cells = _cells(quotas, rows)
    left = np.bincount(cells)
    narrow = cells.astype(
        np.min_scalar_type(len(left))
    )  # numbers of 16 bits are sorted in a tenth of the time
    by_cell = np.argsort(narrow, kind="stable")
    queues = [order(queue) for queue in np.split(by_cell, np.cumsum(left)[:-1])]
    first = by_cell[np.cumsum(left) - left]
    of_cells = [Quota(quota.values[first], quota.shares) for quota in quotas]
    for cell in _steps(of_cells, left) if rows else ():
        yield next(queues[cell])


def fit(quotas: Sequence[Quota], start: Floats, close: float = CLOSE) -> Floats:
    """The share of each cell, by iterative proportional fitting (Deming & Stephan 1940) of those to start with.

    Of all that meet the quotas it is the one nearest to those, and has none where there was none. So what was
    fitted before some cells closed leads to the same as an even start, in fewer rounds. Where quotas contradict
    each other on the cells that have any, the last is met, and the others as far as that allows.

    Args:
        quotas: of the cells.
        start: what share of the whole each cell has at first, in any unit.
        close: from what change of all shares in a round on to leave it at that.

    >>> sides, colours = Quota(np.array([0, 0, 1]), np.ones(2)), Quota(np.array([0, 1, 1]), np.array([1, 3]))
    >>> fit([sides, colours], np.ones(3)).round(3).tolist()
    [0.25, 0.25, 0.5]
    """
    shares: Floats = start / start.sum()
    for _ in range(MOST_ROUNDS):
        before = shares
        for quota in quotas:
            shares = shares * _missing(quota, shares)[quota.values]
        shares = shares / shares.sum()
        if np.abs(shares - before).max() < close:
            break
    return shares


def fitted(quotas: Sequence[Quota], start: Floats, left: Indices) -> Floats:
    """The same, as near as it takes until the first cell has no rows `left`: where that is soon, few rounds do."""
    shares: Floats = start / start.sum()
    close = np.inf
    while close > FINER * (wanted := max(CLOSE, NEAR / _until_one_is_empty(shares, left))):
        shares, close = fit(quotas, shares, wanted), wanted
    return shares


def _until_one_is_empty(shares: Floats, left: Indices) -> float:
    return 1 / float(np.divide(shares, left, out=np.zeros_like(shares), where=left > 0).max())


def _missing(quota: Quota, shares: Floats) -> Floats:
    """By how much too small each value's share is, as a factor; values that are not there leave theirs."""
    held = _by_value(quota, shares)
    wanted = np.where(held > 0, quota.shares, 0.0)
    factors: Floats = np.divide(wanted / wanted.sum(), held, out=np.zeros_like(held), where=held > 0)
    return factors


def _by_value(quota: Quota, shares: Floats) -> Floats:
    return np.bincount(quota.values, shares, len(quota.shares)).astype(np.float64)


def _cells(quotas: Sequence[Quota], rows: int) -> Indices:
    """Which cell each row is in: cells are in the order of their values in the first quota, and so on."""
    cells = np.zeros(rows, dtype=np.int64)
    for quota in quotas:
        cells = _numbered(cells * len(quota.shares) + quota.values)
    return cells


def _numbered(values: Indices) -> Indices:
    """The values as ranks among those that occur, without sorting where they are not far apart."""
    most = int(values.max(initial=0))
    if most > SPARSE * len(values) + AT_ONCE:
        return np.unique(values, return_inverse=True)[1]
    numbers: Indices = np.cumsum(np.bincount(values, minlength=most + 1) > 0) - 1
    return numbers[values]


def _steps(quotas: Sequence[Quota], left: Indices) -> Iterator[int]:
    """From which cell each next row is taken: the one that with its values is furthest behind."""
    margins = list(quotas) if len(quotas) > 1 else []
    behind = [np.zeros(len(quota.shares)) for quota in margins]
    own, counts, closed = np.zeros(len(left)), left.tolist(), np.zeros(len(left), dtype=np.bool_)
    shares = np.ones(len(left))
    while not closed.all():
        shares = fitted(quotas, np.where(closed, 0.0, np.maximum(shares, LEAST)), np.array(counts))
        pace = [_by_value(quota, shares) for quota in margins]
        cell = -1
        while cell < 0 or counts[cell]:
            for lag, step in zip(behind, pace, strict=True):
                np.add(lag, step, out=lag)
            own += shares
            cell = int(_together(margins, behind, own).argmax())
            for lag, quota in zip(behind, margins, strict=True):
                lag[quota.values[cell]] -= 1
            own[cell] -= 1
            counts[cell] -= 1
            yield cell
        closed[cell], own[cell] = True, -np.inf


def _together(margins: Sequence[Quota], behind: Sequence[Floats], own: Floats) -> Floats:
    """How far each cell is behind, with its values in all margins."""
    if not margins:
        return own
    needs = behind[0].take(margins[0].values, mode="clip")
    for lag, quota in zip(behind[1:], margins[1:], strict=True):
        needs += lag.take(quota.values, mode="clip")
    return np.add(needs, own, out=needs)
