"""Where score and noise together are highest: noise is worked out for those alone that may be it.

Of 16 thousand tokens about 20 are left, however flat the scores are; the logarithms of all others were two thirds
of what drawing took.
"""

from importlib.util import find_spec

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tgc.engine.drawing.ceiling import ceilings, contend
from tgc.engine.drawing.noise import begun, finished, gumbel, hashed, scrambled, warp

Places = NDArray[np.int64]

MANY = 1 << 18
"""From so many scores on it pays to load what numba compiled."""


def leaders(scores: Tensor, seeds: Tensor, positions: Tensor, tokens: Tensor) -> Tensor:
    """Where in each row the sum of score and noise is highest, the first such place: int64 of shape (rows,).

    Args:
        scores: float32 of shape (rows, width).
        seeds: as for `gumbel`.
        positions: as for `gumbel`.
        tokens: as for `gumbel`.
    """
    if scores.device.type != "cpu":
        return (scores + gumbel(seeds, positions, tokens)).argmax(dim=-1)
    states, words = begun(seeds, positions), scrambled(tokens)
    rows, places = np.divmod(_contenders(scores, states, words), scores.shape[1])
    bits = finished(states[rows, 0], words[rows % len(words), places])
    return torch.from_numpy(_first_highest(rows, places, (scores[rows, places] + warp(bits)).numpy()))


def _contenders(scores: Tensor, states: Tensor, words: Tensor) -> Places:
    """Where a sum may be the highest of its row, counted through all rows, in order."""
    if scores.numel() < MANY or find_spec("numba") is None:
        return _plainly(scores, states, words)
    from tgc.engine.drawing import kernels

    unsigned = states[:, 0].numpy().view(np.uint32), words.numpy().view(np.uint32)
    return np.sort(kernels.contenders(scores.contiguous().numpy(), *unsigned))


def _plainly(scores: Tensor, states: Tensor, words: Tensor) -> Places:
    """The same without numba."""
    left, found = scores, list[Tensor]()
    for bits in hashed(states, words):
        found.append(contend(ceilings(left[: len(bits)], bits)))
        left = left[len(bits) :]
    return np.flatnonzero(torch.cat(found).numpy())


def _first_highest(rows: Places, places: Places, sums: NDArray[np.float32]) -> Places:
    """The place of the first highest sum of each row; rows are in order, and none is without one."""
    counts = np.bincount(rows)
    starts = counts.cumsum() - counts
    table = np.full((len(counts), counts.max()), -np.inf, dtype=np.float32)
    table[rows, np.arange(len(rows)) - starts[rows]] = sums
    firsts: Places = places[starts + table.argmax(axis=1)]
    return firsts
