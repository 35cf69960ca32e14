"""What rows make of stretches of their tokens, and how that adds up to attention over all of them.

Attention over some tokens is an unnormalised sum with its largest score and the sum of its weights; such parts of
any cut of the tokens add up to the attention over all of them (online softmax, arXiv 1805.02867).
"""

from typing import NamedTuple

import torch
from torch import Tensor

from tgc.engine.forward.lines import Adding
from tgc.engine.forward.packed import NEVER
from tgc.engine.forward.rounding import undivided


class Parts(NamedTuple):
    """Parts of rows, a line for each key head.

    Attributes:
        sums: of values, by their weights: (lines, queries x width).
        peaks: the largest scores: (lines, queries).
        totals: sums of weights: (lines, queries).
    """

    sums: Tensor
    peaks: Tensor
    totals: Tensor

    def put(self, first: int, lines: int, found: "Parts") -> int:
        """Put so many lines after the first; how many there are then. What is found may be of more queries."""
        last = first + lines
        queries = lines * self.peaks.shape[1] // len(found.peaks)
        for mine, new in zip(self, found, strict=True):
            mine[first:last].copy_(new[:, :queries].reshape(lines, -1))
        return last


def room(lines: int, queries: int, width: int, device: torch.device) -> Parts:
    """Float32 room for parts."""
    return Parts(*(torch.empty((lines, size), device=device) for size in (queries * width, queries, queries)))


def together(parts: Parts, plan: Adding) -> Tensor:
    """The attention of shape (rows, key heads x queries x width); parts are used up."""
    peaks = parts.peaks
    own = peaks.index_select(0, plan.parts.flatten()).view(*plan.parts.shape, -1)
    highest = own.masked_fill_(plan.absent, NEVER).amax(dim=0)
    weights = powers_(peaks.sub_(highest.index_select(0, plan.owners)))
    totals = _added(parts.totals.mul_(weights), plan)
    sums = _added(parts.sums.view(*peaks.shape, -1).mul_(weights.unsqueeze(-1)), plan)
    return sums.view(*totals.shape, -1).div_(totals.unsqueeze(-1)).flatten(1)


def powers_(scores: Tensor) -> Tensor:
    """Powers of 2 in place, each rounded the same wherever it stands in a tensor of a multiple of VECTOR."""
    for piece in undivided(scores.view(-1)):
        piece.exp2_()
    return scores


def _added(parts: Tensor, plan: Adding) -> Tensor:
    """The sum of every row's parts; on a CPU one after the other, in their order."""
    own = parts.index_select(0, plan.order).view(len(plan.rows), -1)
    return own.new_zeros((plan.height, own.shape[1])).index_add_(0, plan.rows, own)
