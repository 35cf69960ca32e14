"""With what shapes a number is rounded the same on a CPU, whatever else is computed beside it."""

import torch
from torch import Tensor

ROWS = 4
"""A matrix product of a multiple of so many rows rounds each the same, whatever the others are."""

VECTOR = 64
"""Numbers computed at once, or a multiple of that: what is left over at a tensor's end is rounded otherwise."""

UNDIVIDED = 1 << 14
"""So many numbers torch leaves to one thread, whatever is done with them; each thread's share has such an end."""


def undivided(numbers: Tensor) -> tuple[Tensor, ...]:
    """Numbers of one dimension, in pieces that torch does not divide among threads."""
    return torch.split(numbers, UNDIVIDED)
