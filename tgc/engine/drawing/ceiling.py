"""A bound on keyed noise that takes no logarithm: enough to tell which tokens cannot be drawn.

Noise is -log(-log1p(-u)), at most -log(u), and at most 2.9 less than that. The bits of a float, read as a whole
number, are its logarithm but for a scale, an offset and 0.06 (Mitchell 1962). So a multiplication says how high a
score with its noise may be, to within `GAP`.
"""

from math import log

import torch
from torch import Tensor

SLOPE = log(2) / 2**23
"""What one more in the bits of u takes off its noise."""

GAP = 3.0
"""How far apart ceilings are at most of which the lower one may be of the higher sum."""

ROUNDING = 1e-6
"""What float32 may add to that, as a share of the ceiling."""


def ceilings(scores: Tensor, bits: Tensor) -> Tensor:
    """What scores with the noise of some hashes come to at most, all less by the same.

    Args:
        scores: float32.
        bits: int32 of the same shape.
    """
    logarithms = bits.view(torch.uint32).float().add_(0.5).view(torch.int32)
    return torch.add(scores, logarithms, alpha=-SLOPE)


def contend(ceilings: Tensor) -> Tensor:
    """Which of each row may be of the highest sum, as booleans; all that are NaN, or beside one."""
    highest = ceilings.amax(dim=-1, keepdim=True)
    return (ceilings < highest - GAP - ROUNDING * highest.abs()).logical_not_()
