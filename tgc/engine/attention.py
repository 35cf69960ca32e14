"""Attention over pages: what siblings share is read once for all of them (cascade attention).

A row's attention over some of its tokens is an unnormalised sum with its largest score and the sum of its
weights; such parts of any cut of the tokens add up to the attention over all of them (online softmax, arXiv
1805.02867; shared prefixes as in arXiv 2402.05099). It hooks into transformers as an attention function, so
that the code of the models stays theirs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention
from transformers import PreTrainedModel
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from tgc.engine.layout import STRIDE
from tgc.engine.pages import PAGE

if TYPE_CHECKING:
    from torch.nn import Module

NAME = "tgc"

NEVER = -1e30
"""A score whose weight is zero beside any other; finite, for a page that nobody reads has no other."""


class Unsupported(Exception):  # noqa: N818 - not an error: another way is taken
    """A model computes attention in a way that is not done here."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Pages start to stop, read in one go by rows with `queries` or, where that is None, rows first to last.

    Attributes:
        queries: of shape (pages,): the row that reads each page.
        bias: of shape (pages, 1, 1, PAGE): 0 where a token is, NEVER where none is.
        least: queries to put to every page at least.
    """

    start: int
    stop: int
    bias: Tensor
    least: int
    queries: Tensor | None = None
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A segment that is read: tokens first to last of what is packed, over the pages of its whole path.

    Attributes:
        mask: of shape (tokens, tokens of all pages): what each token may attend to.
    """

    first: int
    last: int
    pages: Tensor
    mask: Tensor


@dataclass(frozen=True, slots=True)
class Packed:
    """Where the tokens of one forward pass belong: first one of each row, then those of segments.

    Attributes:
        pages: of shape (tokens,): where each token is remembered; page 0 of one that nobody reads.
        offsets: of shape (tokens,): its place in that page.
        parts: of shape (rows, parts): the row's parts among those of all lots, in the order of its text.
        absent: where a row has fewer parts, of shape (rows, parts, 1).
    """

    pages: Tensor
    offsets: Tensor
    rows: int
    lots: tuple[Lot, ...]
    parts: Tensor
    absent: Tensor
    readings: tuple[Reading, ...]


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
        self._kept: dict[int, tuple[Tensor, Tensor]] = {}

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
        assert self.packed is not None
        self._limit(options)
        scale = scaling or query.shape[-1] ** -0.5
        keys, values = self._keep(int(module.layer_idx), key[0], value[0])  # type: ignore[arg-type]
        queries, rows = query[0].transpose(0, 1), self.packed.rows
        found = queries.new_zeros(*queries.shape[:2], values.shape[-1])
        for reading in self.packed.readings:
            span = slice(reading.first, reading.last)
            found[span] = _read(queries[span], keys, values, scale, reading)
        if rows:
            found[:rows] = _attend(queries[:rows], keys, values, scale, self.packed)
        return found.unsqueeze(0), None

    def _limit(self, options: dict[str, object]) -> None:
        for option in ("softcap", "s_aux", "position_bias"):
            if options.get(option) is not None:
                raise Unsupported(option)
        window = options.get("sliding_window")
        if isinstance(window, int):
            self.window = min(window, self.window or window)

    def _keep(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """The memory of a layer, with keys and values of shape (heads, tokens, width) put in."""
        assert self.packed is not None
        if layer not in self._kept:
            self._kept[layer] = (self._room(key), self._room(value))
        places = (self.packed.pages.to(key.device), slice(None), self.packed.offsets.to(key.device))
        for kept, new in zip(self._kept[layer], (key, value), strict=True):
            kept[places] = new.transpose(0, 1)
        return self._kept[layer]

    def _room(self, like: Tensor) -> Tensor:
        """Zeros: what was never written must be finite. On a CPU, memory is taken when it is first written."""
        shape = (self._pages, like.shape[0], PAGE, like.shape[2])
        return torch.zeros(shape, dtype=like.dtype, device=like.device)


@contextmanager
def attending(model: PreTrainedModel, attention: Attention) -> Iterator[None]:
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


def _read(queries: Tensor, keys: Tensor, values: Tensor, scale: float, reading: Reading) -> Tensor:
    """The attention of a segment's tokens, of shape (tokens, heads, width), to all before them."""
    heads = keys.shape[1]
    pages, mask = reading.pages.to(keys.device), reading.mask.to(keys.device)
    grouped = torch.unflatten(queries, 1, (heads, -1)).permute(1, 2, 0, 3)
    both = (kept[pages].transpose(0, 1).flatten(1, 2).unsqueeze(1) for kept in (keys, values))
    key, value = (kept.expand(-1, grouped.shape[1], -1, -1) for kept in both)
    found = scaled_dot_product_attention(grouped, key, value, attn_mask=mask, scale=scale)
    return found.permute(2, 0, 1, 3).flatten(1, 2)


def _attend(queries: Tensor, keys: Tensor, values: Tensor, scale: float, packed: Packed) -> Tensor:
    """The attention of rows, of shape (rows, heads, width), put together from their parts."""
    grouped = torch.unflatten(queries, 1, (keys.shape[1], -1))
    parts = [_part(grouped, keys, values, scale, lot) for lot in packed.lots]
    sums, peaks, totals = (torch.cat(pieces) for pieces in zip(*parts, strict=True))
    own = packed.parts.to(peaks.device)
    highs = peaks[own].masked_fill_(packed.absent.to(peaks.device), float("-inf"))
    weights = (highs - highs.amax(dim=1, keepdim=True)).exp_()
    total, found = torch.zeros_like(totals[own[:, 0]]), torch.zeros_like(sums[own[:, 0]])
    for some, share in zip(torch.split(own, STRIDE, 1), torch.split(weights, STRIDE, 1), strict=True):
        total += (share * totals[some]).sum(dim=1)
        found += (share.unsqueeze(-1) * sums[some]).sum(dim=1)
    return (found / total.unsqueeze(-1)).to(queries.dtype)


def _part(
    grouped: Tensor, keys: Tensor, values: Tensor, scale: float, lot: Lot
) -> tuple[Tensor, Tensor, Tensor]:
    """Sums (parts, heads, width), largest scores and sums of weights (parts, heads) of what a lot reads."""
    rows, group = 1, grouped.shape[2]
    if lot.queries is not None:
        asked = grouped[lot.queries.to(grouped.device)]
    else:
        rows = lot.last - lot.first
        asked = grouped[lot.first : lot.last].transpose(0, 1).flatten(1, 2).unsqueeze(0)
    asked = pad(asked, (0, 0, 0, max(0, lot.least - rows * group)))
    scores = (asked @ keys[lot.start : lot.stop].mT).float()
    scores = torch.add(lot.bias.to(scores.device), scores, alpha=scale)
    peaks = scores.amax(dim=-1, keepdim=True)
    weights = scores.sub_(peaks).exp_()
    totals = weights.sum(dim=-1, keepdim=True)
    sums = weights.to(values.dtype) @ values[lot.start : lot.stop]
    return tuple(_by_row(part.float(), rows, group) for part in (sums, peaks, totals))  # type: ignore[return-value]


def _by_row(part: Tensor, rows: int, group: int) -> Tensor:
    """From (pages, heads, rows x group, width) to (pages x rows, heads x group, width), the last left out if 1."""
    own = torch.unflatten(part[:, :, : rows * group], 2, (rows, group)).transpose(1, 2)
    flat = own.flatten(2, 3).flatten(0, 1)
    return flat.squeeze(-1) if flat.shape[-1] == 1 else flat
