"""Products of vectors: fast and rounded, or exact for the pairs that rounding leaves in doubt."""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

SLACK = np.float32(1e-4)
"""More than single precision loses in a product of unit vectors, in whatever order it is added up."""

DIGITS = 6
"""Of a cosine. Beyond them lies what vectors themselves were rounded to."""

CELLS = 1 << 22
"""Numbers gathered at a time, to be multiplied in double precision: 64 MB of them."""


def unit(vectors: Vectors) -> Vectors:
    """Rows of length 1; those that say nothing, of zeros or with what is no number, are zeros."""
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))[:, np.newaxis]
    said = np.isfinite(lengths) & (lengths > 0)
    found: Vectors = np.zeros_like(vectors, dtype=np.float32)
    np.divide(vectors, lengths.astype(np.float32), out=found, where=said)
    return found


def cosines(units: Vectors, one: Indices, other: Indices) -> NDArray[np.float64]:
    """The cosines of pairs of unit rows, the same on every machine: double precision, rounded to `DIGITS`.

    >>> cosines(np.eye(2, dtype=np.float32), np.array([0, 0]), np.array([0, 1])).tolist()
    [1.0, 0.0]
    """
    step = max(CELLS // units.shape[1], 1) if units.shape[1] else len(one)
    found = np.empty(len(one), dtype=np.float64)
    for start in range(0, len(one), step):
        part = slice(start, start + step)
        left, right = units[one[part]].astype(np.float64), units[other[part]].astype(np.float64)
        found[part] = np.einsum("ij,ij->i", left, right)
    rounded: NDArray[np.float64] = found.round(DIGITS)
    return rounded


def alike(units: Vectors, members: Indices, threshold: float) -> Mask:
    """Which of the members of groups of one size are alike: shape (groups, size, size).

    Args:
        units: unit rows.
        members: indices of rows, shape (groups, size).
        threshold: the least cosine.
    """
    rows = units[members]
    products = rows @ rows.swapaxes(1, 2)
    found: Mask = products >= np.float32(threshold)
    group, one, other = np.nonzero(np.abs(products - np.float32(threshold)) < SLACK)
    exact = cosines(units, members[group, one], members[group, other])
    found[group, one, other] = exact >= threshold
    return found
