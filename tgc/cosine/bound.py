"""What a cosine is at most, by fewer numbers than the vectors have."""

from collections.abc import Callable
from functools import partial

import numpy as np

from tgc.cosine.products import Vectors, slack

AXES = 64
"""Numbers to which vectors are projected."""

SAMPLE = 2_048
"""Rows by which the axes are chosen and the bound is tried."""

TURNS = 2
"""How often the axes are turned to where the sample is longest."""

SHARE = 1 / 500
"""Of pairs that the bound may leave open in vain: an exact cosine takes some hundred times as long."""

ROUNDING = np.float32(1e-6)
"""More than single precision takes from the square of what is left over, whose root it would make too short."""

Bound = Callable[[Vectors], Vectors]
"""Makes rows whose products are no less than the cosines of those given, but for `slack`."""


def bounding(units: Vectors, threshold: float) -> Bound:
    """What makes rows shorter, if that still tells most pairs of `units` apart; else what leaves them as they are.

    A product of shorter rows is that of projections to a few axes, and of the lengths of what is left over, which
    is more than that has in common (Cauchy and Schwarz).
    """
    if units.shape[1] <= 2 * AXES:
        return _whole
    sample = units[np.linspace(0, len(units) - 1, min(SAMPLE, len(units)), dtype=np.int64)]
    bound = partial(_projected, axes=_axes(sample))
    least = threshold - slack(units.shape[1])
    in_vain = _open(bound(sample), least) - _open(sample, least)
    return bound if in_vain <= SHARE * len(sample) ** 2 else _whole


def _open(rows: Vectors, least: np.float32) -> int:
    """How many pairs a product leaves to be compared."""
    return int(np.count_nonzero(rows @ rows.T >= least))


def _whole(units: Vectors) -> Vectors:
    return units


def _projected(units: Vectors, axes: Vectors) -> Vectors:
    shadows = units @ axes
    left = 1 - np.einsum("ij,ij->i", shadows, shadows)
    return np.column_stack([shadows, np.sqrt(np.maximum(left, 0) + ROUNDING)])


def _axes(sample: Vectors) -> Vectors:
    """Orthonormal columns, about those along which rows are longest (Halko et al., SIAM Review 2011)."""
    axes = np.random.default_rng(0).standard_normal((sample.shape[1], AXES), dtype=np.float32)
    for _ in range(TURNS):
        axes = np.linalg.qr(sample.T @ (sample @ axes))[0]
    return axes
