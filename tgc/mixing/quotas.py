"""In which order rows are taken, so that shares hold from the first row to any other. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_ROUNDS = 200
CLOSE = 1e-9
"""How far fitted shares may be from those asked for."""

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
    return iter(rows.tolist())


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
    columns = np.stack([quota.values for quota in quotas])
    values, cells = np.unique(columns, axis=1, return_inverse=True)
    left = np.bincount(cells, minlength=values.shape[1])
    queues = [order(queue) for queue in np.split(np.argsort(cells, kind="stable"), np.cumsum(left)[:-1])]
    fitted = [Quota(column, quota.shares) for column, quota in zip(values, quotas, strict=True)]
    for cell in _cells(fitted, left) if rows else ():
        yield next(queues[cell])


def fit(quotas: Sequence[Quota], open_cells: NDArray[np.bool_]) -> Floats:
    """The share of each cell, by iterative proportional fitting (Deming & Stephan 1940) over the open ones.

    Of all that meet the quotas it is the one nearest to even. Where quotas contradict each other on the cells
    that are open, the last is met, and the others as far as that allows.

    >>> sides, colours = Quota(np.array([0, 0, 1]), np.ones(2)), Quota(np.array([0, 1, 1]), np.array([1, 3]))
    >>> fit([sides, colours], np.array([True, True, True])).round(3).tolist()
    [0.25, 0.25, 0.5]
    """
    shares: Floats = open_cells / open_cells.sum()
    for _ in range(MOST_ROUNDS):
        before = shares
        for quota in quotas:
            shares = shares * _missing(quota, shares)[quota.values]
        shares = shares / shares.sum()
        if np.abs(shares - before).max() < CLOSE:
            break
    return shares


def _missing(quota: Quota, shares: Floats) -> Floats:
    """By how much too small each value's share is, as a factor; values that are not there leave theirs."""
    held = _by_value(quota, shares)
    wanted = np.where(held > 0, quota.shares, 0.0)
    factors: Floats = np.divide(wanted / wanted.sum(), held, out=np.zeros_like(held), where=held > 0)
    return factors


def _by_value(quota: Quota, shares: Floats) -> Floats:
    return np.bincount(quota.values, shares, len(quota.shares)).astype(np.float64)


def _cells(quotas: Sequence[Quota], left: Indices) -> Iterator[int]:
    """From which cell each next row is taken: the one that with its values is furthest behind."""
    left, cells = left.copy(), Quota(np.arange(len(left)), np.ones(len(left)))
    watched = [*quotas, cells] if len(quotas) > 1 else list(quotas)
    behind = [np.zeros(len(quota.shares)) for quota in watched]
    pace = _pace(quotas, watched, left)
    while True:
        needs = np.where(left > 0, 0.0, -np.inf)
        for lag, step, quota in zip(behind, pace, watched, strict=True):
            np.add(lag, step, out=lag)
            needs += lag[quota.values]
        cell = int(needs.argmax())
        for lag, quota in zip(behind, watched, strict=True):
            lag[quota.values[cell]] -= 1
        left[cell] -= 1
        yield cell
        if not left[cell]:
            if not left.any():
                return
            pace = _pace(quotas, watched, left)


def _pace(quotas: Sequence[Quota], watched: Sequence[Quota], left: Indices) -> list[Floats]:
    """By how much what is due of every value grows with every row."""
    shares = fit(quotas, left > 0)
    return [_by_value(quota, shares) for quota in watched]
