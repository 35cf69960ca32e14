"""The attention function that transformers' own model code calls, by kernels over pages."""

from dataclasses import dataclass

import torch
from torch import Tensor
from triton import next_power_of_2

from tgc.engine.cuda.kernels.attending import attend, remember, unite
from tgc.engine.forward import attention
from tgc.engine.forward.cascade import LOG2E
from tgc.engine.tree.pages import PAGE

LINES = 32
"""Queries that are multiplied with a page at once, as far as heads that share a key head go into that."""

PROGRAMS = 256
"""Jobs of a key head that are under way at a time, at most."""

LEAST = 16
"""Lines and columns that a product of Triton has at least."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one forward pass is about, on the device, as in `Tables`; all int32 but `seen`, which is int8.

    Attributes:
        slots: of shape (tokens,): page x PAGE + place in it, of page 0 where nobody reads.
        count: of shape (1,): how many jobs there are.
        abreast: how many tokens share a job at most.
    """

    slots: Tensor
    count: Tensor
    jobs: Tensor
    pages: Tensor
    starts: Tensor
    parts: Tensor
    seen: Tensor
    abreast: int


class Attention(attention.Attention):
    """Remembers keys and values of so many pages per layer, and attends to them as `told`."""

    def __init__(self, pages: int) -> None:
        super().__init__(pages)
        self.told: Told | None = None

    def _remember(self, kept: attention.Both, new: attention.Both) -> None:
        assert self.told is not None
        key, value = map(_in_rows, new)
        heads, tokens, width = key.shape
        remember[tokens,](
            *(*kept, key, value, self.told.slots),
            *(key.stride(1), key.stride(0), value.stride(1), value.stride(0)),
            HEADS=heads,
            LINES=next_power_of_2(heads),
            PAGE=PAGE,
            WIDTH=width,
            VALUE_WIDTH=value.shape[2],
            BLOCK=next_power_of_2(max(width, value.shape[2])),
        )

    def _attended(self, query: Tensor, kept: attention.Both, scale: float) -> Tensor:
        assert self.told is not None
        told, query, (keys, values) = self.told, _in_rows(query), kept
        heads, width, value_width = keys.shape[1], keys.shape[3], values.shape[3]
        group = query.shape[0] // heads
        shape = (len(told.parts), query.shape[0])
        sums = query.new_empty((*shape, value_width), dtype=torch.float32)
        peaks, totals = query.new_empty((2, *shape), dtype=torch.float32)
        sizes = {"HEADS": heads, "GROUP": group}
        attend[min(PROGRAMS, len(told.parts)), heads](
            *(query, keys, values, told.count, told.jobs, told.pages, told.seen, sums, peaks, totals),
            *(scale * LOG2E, query.stride(1), query.stride(0)),
            **sizes,
            LINES=max(LEAST, next_power_of_2(told.abreast * group)),
            PAGE=PAGE,
            WIDTH=width,
            VALUE_WIDTH=value_width,
            BLOCK=max(LEAST, next_power_of_2(width)),
            VALUE_BLOCK=max(LEAST, next_power_of_2(value_width)),
        )
        found = query.new_empty((query.shape[1], query.shape[0], value_width))
        unite[query.shape[1], heads](
            *(found, sums, peaks, totals, told.starts, told.parts),
            **sizes,
            LINES=next_power_of_2(group),
            WIDTH=value_width,
            BLOCK=next_power_of_2(value_width),
        )
        return found


def abreast(heads: int, key_heads: int) -> int:
    """Tokens that best share a job, where there are so many heads.

    >>> abreast(32, 32), abreast(28, 4), abreast(71, 1)
    (32, 4, 1)
    """
    return max(1, LINES * key_heads // heads)


def _in_rows(states: Tensor) -> Tensor:
    """States whose columns are adjacent."""
    return states if states.stride(-1) == 1 else states.contiguous()
