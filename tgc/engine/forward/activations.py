"""Activations that round every number the same, however torch divides a tensor among threads.

Where a share of a thread ends, what is left over after whole vectors is computed by other code, which rounds in
another way; and where shares end depends on how many tokens there are.
"""

from collections.abc import Callable
from functools import partial
from math import lcm

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, activations

from tgc.engine.forward.rounding import VECTOR, undivided

GRAIN = 1 << 15
"""Numbers that torch has another thread for."""

KINDS = (nn.SiLU, nn.GELU, nn.Sigmoid)


def divide_evenly(model: PreTrainedModel) -> None:
    """Have the activations of a model be computed by `evenly` from now on."""
    for module in model.modules():
        known = isinstance(module, KINDS) or type(module).__module__ == activations.__name__
        if known and getattr(module.forward, "func", None) is not evenly:
            module.forward = partial(evenly, module.forward)


def evenly(function: Callable[[Tensor], Tensor], numbers: Tensor) -> Tensor:
    """A function of every number, where all threads get whole vectors."""
    threads = torch.get_num_threads()
    if threads == 1:
        return function(numbers)
    flat = numbers.flatten()
    even = divisible(flat.numel(), threads)
    if even == flat.numel():
        return function(flat).view(numbers.shape)
    pieces = [flat[:even], *undivided(flat[even:])]
    return torch.cat([function(piece) for piece in pieces]).view(numbers.shape)


def divisible(count: int, threads: int) -> int:
    """How many of so many numbers torch divides into whole vectors among all threads, or those that it wakes.

    >>> divisible(100_000, 2), divisible(100_000, 3), divisible(20, 3)
    (99968, 99840, 0)
    """
    busy = _busy(count, threads)
    even = count - count % (VECTOR * lcm(busy, threads))
    return even if _busy(even, threads) == busy else 0


def _busy(count: int, threads: int) -> int:
    return max(1, min(threads, -(-count // GRAIN)))
