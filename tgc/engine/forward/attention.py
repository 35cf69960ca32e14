"""The attention function that transformers' own model code calls, over pages that are remembered here."""

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from tgc.engine.forward.cascade import attend, read
from tgc.engine.forward.lines import Lines, lines
from tgc.engine.tree.pages import PAGE

if TYPE_CHECKING:
    from torch.nn import Module

    from tgc.engine.forward.packed import Packed

NAME = "tgc"

Both = tuple[Tensor, Tensor]
"""Keys and values."""


class Unsupported(Exception):  # noqa: N818 - not an error: another way is taken
    """A model computes attention in a way that is not done here."""


class Attention:
    """Remembers keys and values of so many pages per layer, and attends to them as `packed` says.

    Attributes:
        packed: what the forward pass under way is about.
        window: the shortest window that a layer attends to; None while none is limited.
        width: bytes that one token takes, of the layers seen so far.
    """

    def __init__(self, pages: int) -> None:
        self.packed: Packed | None = None
        self.window: int | None = None
        self._pages = pages
        self._kept: dict[int, Both] = {}
        self._plans: dict[tuple[int, torch.device], Lines] = {}

    @property
    def width(self) -> int:
        """Bytes that one token takes in all layers."""
        return sum(kept[0, :, 0].nbytes for both in self._kept.values() for kept in both)

    def __call__(
        self,
        module: "Module",
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Tensor | None,  # noqa: ARG002 - there is none by this name
        scaling: float | None = None,
        **options: object,
    ) -> tuple[Tensor, None]:
        """What transformers asks of an attention function: packed heads in, (1, tokens, heads, width) out.

        Raises:
            Unsupported: the scores are more than scaled products.
        """
        self._limit(options)
        kept = self._memory(int(module.layer_idx), key[0], value[0])  # type: ignore[arg-type]
        self._remember(kept, (key[0], value[0]))
        return self._attended(query[0], kept, scaling or query.shape[-1] ** -0.5).unsqueeze(0), None

    def begin(self, packed: "Packed") -> None:
        """Let the next forward pass be about this."""
        self.packed = packed
        self._plans.clear()

    def _remember(self, kept: Both, new: Both) -> None:
        """Put new keys and values of shape (heads, tokens, width) into the memory of a layer."""
        plan = self._plan(new[0])
        for into, states in zip(kept, new, strict=True):
            flat = into.view(-1, into.shape[-1])
            flat.index_copy_(0, plan.kept, states.flatten(0, 1))  # a fifth of the time of an index_put

    def _attended(self, query: Tensor, kept: Both, scale: float) -> Tensor:
        """The attention of queries of shape (heads, tokens, width): of shape (tokens, heads, width)."""
        assert self.packed is not None
        keys, values = kept
        queries, rows = query.transpose(0, 1), self.packed.rows
        found = queries.new_zeros(*queries.shape[:2], values.shape[-1])
        for reading in self.packed.readings:
            span = slice(reading.first, reading.last)
            found[span] = read(queries[span], keys, values, scale, reading)
        if rows:
            found[:rows] = attend(queries[:rows], keys, values, scale, self._plan(keys[0]))
        return found

    def _plan(self, states: Tensor) -> Lines:
        """The lines of what is packed, made once for all layers whose states are of as many key heads."""
        assert self.packed is not None
        layers = len(states), states.device
        if layers not in self._plans:
            self._plans[layers] = lines(self.packed, *layers)
        return self._plans[layers]

    def _limit(self, options: dict[str, object]) -> None:
        for option in ("softcap", "s_aux", "position_bias"):
            if options.get(option) is not None:
                raise Unsupported(option)
        window = options.get("sliding_window")
        if isinstance(window, int):
            self.window = min(window, self.window or window)

    def _memory(self, layer: int, key: Tensor, value: Tensor) -> Both:
        """The memory of a layer whose keys and values are like these, of shape (heads, tokens, width)."""
        if layer not in self._kept:
            self._kept[layer] = (self._room(key), self._room(value))
        return self._kept[layer]

    def _room(self, like: Tensor) -> Tensor:
        """Zeros: what was never written must be finite."""
        shape = (self._pages, like.shape[0], PAGE, like.shape[2])
        if like.device.type != "cpu":
            return torch.zeros(shape, dtype=like.dtype, device=like.device)
        return _untouched(prod(shape) * like.dtype.itemsize).view(like.dtype).view(shape)


def _untouched(count: int) -> Tensor:
    """So many zero bytes of the CPU's memory, which is taken where it is written first, in large pieces."""
    raw = mmap.mmap(-1, count)
    if advice := getattr(mmap, "MADV_HUGEPAGE", None):
        raw.madvise(advice)
    return torch.frombuffer(raw, dtype=torch.uint8)


@contextmanager
def attending(model: PreTrainedModel, attention: Callable[..., tuple[Tensor, None]]) -> Iterator[None]:
    """Have a model attend by `attention`.

    Raises:
        Unsupported: its attention cannot be replaced.
    """
    before = model.config._attn_implementation  # noqa: SLF001 - there is no public name for it
    ALL_ATTENTION_FUNCTIONS[NAME] = attention
    try:
        model.set_attn_implementation(NAME)
        if model.config._attn_implementation != NAME:  # noqa: SLF001
            raise Unsupported(before)
        yield
    finally:
        model.set_attn_implementation(before)
        ALL_ATTENTION_FUNCTIONS.pop(NAME)
