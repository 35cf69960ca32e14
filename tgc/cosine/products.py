"""Products of vectors: fast and rounded, or exact for the pairs that rounding leaves in doubt."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Given = Vectors | NDArray[np.float16]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

LOSS = np.float32(1e-4)
"""More than single precision loses in a product of unit vectors of up to 800 numbers."""

DIGITS = 6
"""Of a cosine. Beyond them lies what vectors themselves were rounded to."""

CELLS = 1 << 22
"""Numbers gathered at a time, to be multiplied in double precision: 64 MB of them."""


class Units:
    """Rows of length 1, made when they are asked for; those of zeros, or with what is no number, are zeros.

    Args:
        vectors: rows of any length, in single or half precision; they are not copied.
    """

    def __init__(self, vectors: Given) -> None:
        lengths = _lengths(vectors)
        self._odd = ~np.isfinite(lengths)
        self._vectors = vectors
        self._scales = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)

    def __len__(self) -> int:
        return len(self._vectors)

    def __getitem__(self, rows: Indices) -> Vectors:
        found: Vectors = self._vectors[rows].astype(np.float32, copy=False)
        found[self._odd[rows]] = 0
        found *= self._scales[rows][..., np.newaxis]
        return found

    @property
    def width(self) -> int:
        """Numbers to a row."""
        return int(self._vectors.shape[1])


def _lengths(vectors: Given) -> Vectors:
    """A part at a time, for they may lie on disk."""
    found = np.empty(len(vectors), dtype=np.float32)
    step = max(CELLS // max(vectors.shape[1], 1), 1)
    for start in range(0, len(vectors), step):
        part = vectors[start : start + step]
        found[start : start + step] = np.sqrt(np.einsum("ij,ij->i", part, part, dtype=np.float32))
    return found


def slack(width: int) -> np.float32:
    """More than single precision loses in a product of unit vectors, in whatever order it is added up.

    A sum of n products is off by n halves of a last digit at most (Higham, Accuracy and Stability of Numerical
    Algorithms, 3.1); as much again is for vectors that are rounded to length 1.

    >>> slack(384), slack(4096)
    (np.float32(1e-04), np.float32(0.00048828125))
    """
    return max(LOSS, width * np.finfo(np.float32).eps)


def places(mask: Mask) -> tuple[Indices, ...]:
    """What `np.nonzero` gives, ten times as fast where little is true."""
    return np.unravel_index(np.flatnonzero(mask), mask.shape)


def cosines(units: Units, one: Indices, other: Indices) -> NDArray[np.float64]:
    """The cosines of pairs of unit rows, the same on every machine: double precision, rounded to `DIGITS`.

    >>> cosines(Units(np.eye(2, dtype=np.float32)), np.array([0, 0]), np.array([0, 1])).tolist()
    [1.0, 0.0]
    """
    step = max(CELLS // max(units.width, 1), 1)
    found = np.empty(len(one), dtype=np.float64)
    for start in range(0, len(one), step):
        part = slice(start, start + step)
        left, right = units[one[part]].astype(np.float64), units[other[part]].astype(np.float64)
        lengths = np.sqrt(_dot(left, left) * _dot(right, right))
        found[part] = _dot(left, right) / np.maximum(lengths, np.finfo(np.float64).tiny)
    rounded: NDArray[np.float64] = found.round(DIGITS)
    return rounded


def _dot(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.einsum("ij,ij->i", left, right)
    return found


def alike(units: Units, members: Indices, threshold: float) -> Mask:
    """Which of the members of groups of one size are alike: shape (groups, size, size).

    Args:
        units: unit rows.
        members: indices of rows, shape (groups, size).
        threshold: the least cosine.
    """
    rows = units[members]
    products = rows @ rows.swapaxes(1, 2)
    lost = slack(units.width)
    found: Mask = products >= np.float32(threshold) - lost
    group, one, other = pairs = places(found)
    doubted = np.flatnonzero(products[pairs] < np.float32(threshold) + lost)
    group, one, other = group[doubted], one[doubted], other[doubted]
    found[group, one, other] = cosines(units, members[group, one], members[group, other]) >= threshold
    return found
