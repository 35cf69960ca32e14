"""Attention over pages: what siblings share is read once for all of them (cascade attention).

A row's attention over some of its tokens is an unnormalised sum with its largest score and the sum of its
weights; such parts of any cut of the tokens add up to the attention over all of them (online softmax, arXiv
1805.02867; shared prefixes as in arXiv 2402.05099). It hooks into transformers as an attention function, so
that the code of the models stays theirs.
"""

import mmap as mmap_module
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import log, prod
from mmap import mmap
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention
from transformers import PreTrainedModel
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from tgc.engine.pages import PAGE

if TYPE_CHECKING:
    from torch.nn import Module

NAME = "tgc"

NEVER = -1e30
"""A score whose weight is zero beside any other; finite, for a page that nobody reads has no other."""


LOG2E = 1 / log(2)
"""Weights are powers of 2: on a CPU exp2 takes a third of the time of exp, and a tenth where they underflow."""


LANES = 32
"""Numbers that a CPU computes at once; what is left over at the end of a tensor, exp2 rounds in another way."""


class Unsupported(Exception):  # noqa: N818 - not an error: another way is taken
    """A model computes attention in a way that is not done here."""


@dataclass(frozen=True, slots=True)
class Run:
    """Adjacent pages that are read in one go, each by one row.

    Attributes:
        owners: of shape (pages,): the rows.
        bias: of shape (pages, 1, 1, PAGE): 0 where a token is, NEVER where none is.
    """

    start: int
    stop: int
    owners: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class Shared:
    """Pages that several rows have.

    Attributes:
        pages: of shape (times,); `bias` as for runs.
        rows: of shape (times, rows): whose queries are put to each.
    """

    pages: Tensor
    rows: Tensor
    bias: Tensor


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
        least: queries that every page of a prompt is put at least.
        parts: of shape (columns, lanes): which of all parts is the row's; there are as many as `lanes` says.
        absent: where it has none, of the same shape.
    """

    pages: Tensor
    offsets: Tensor
    rows: int
    least: int
    texts: tuple[Run, ...]
    alone: tuple[Run, ...]
    shared: Shared | None
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
        heads = torch.arange(len(key), device=key.device).unsqueeze(1)
        pages, offsets = self.packed.pages.to(key.device), self.packed.offsets.to(key.device)
        lines = ((pages * len(key) + heads) * PAGE + offsets).flatten()  # a fifth of the time of an index_put
        for kept, new in zip(self._kept[layer], (key, value), strict=True):
            kept.view(-1, kept.shape[-1]).index_copy_(0, lines, new.flatten(0, 1))
        return self._kept[layer]

    def _room(self, like: Tensor) -> Tensor:
        """Zeros: what was never written must be finite."""
        shape = (self._pages, like.shape[0], PAGE, like.shape[2])
        if like.device.type != "cpu":
            return torch.zeros(shape, dtype=like.dtype, device=like.device)
        return _untouched(prod(shape) * like.dtype.itemsize).view(like.dtype).view(shape)


def _untouched(count: int) -> Tensor:
    """So many zero bytes of the CPU's memory, which is taken where it is written first, in large pieces."""
    raw = mmap(-1, count)
    if advice := getattr(mmap_module, "MADV_HUGEPAGE", None):
        raw.madvise(advice)
    return torch.frombuffer(raw, dtype=torch.uint8)


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
    reader = Reader(grouped, keys, values, scale)
    found = [reader.run(run, 0) for run in packed.texts]
    found += [reader.run(run, packed.least) for run in packed.alone]
    found += [reader.shared(packed.shared)] if packed.shared else []
    sums, peaks, totals = (torch.cat(pieces) for pieces in zip(*found, strict=True))
    shape, device = grouped.shape, grouped.device
    lines = _lines(packed, shape[1], device)
    absent = packed.absent.to(device)[:, :, None, None]
    highs = peaks[lines].view(*packed.parts.shape, *shape[1:3]).masked_fill(absent, NEVER)
    weights = (highs - highs.amax(dim=0)).exp2_().masked_fill_(absent, 0)[:, : packed.rows]
    own = lines.view(*packed.parts.shape, shape[1])[:, : packed.rows].flatten(1)
    return _put_together(sums, totals, own, weights).flatten(1, 2).to(queries.dtype)


def _put_together(sums: Tensor, totals: Tensor, lines: Tensor, weights: Tensor) -> Tensor:
    """The attention of shape (rows, key heads, queries, width), added up column by column.

    Parts that weigh nothing change nothing, so it does not matter how many columns other rows have.

    Args:
        sums: of shape (lines, queries x width).
        totals: of shape (lines, queries).
        lines: of shape (columns, rows x key heads).
        weights: of shape (columns, rows, key heads, queries).
    """
    shape = weights.shape[1:]
    total = torch.zeros(shape, device=sums.device)
    found = torch.zeros((*shape, sums.shape[1] // shape[2]), device=sums.device)
    for weight, own in zip(weights, lines, strict=True):
        # multiplied, then added: where both are one operation, the end of a tensor is rounded in another way
        total += weight * totals.index_select(0, own).view(shape)
        found += weight.unsqueeze(-1) * sums.index_select(0, own).view(found.shape)
    return found / total.unsqueeze(-1)


def _lines(packed: Packed, heads: int, device: torch.device) -> Tensor:
    """Which line of all parts belongs to each column, lane and key head: a tensor of so many lines.

    Parts of single rows have their heads one after the other, and of several rows, the rows of each head.
    """
    parts, each = packed.parts.to(device).unsqueeze(-1), torch.arange(heads, device=device)
    before = sum(run.stop - run.start for run in (*packed.texts, *packed.alone))
    if packed.shared is None:
        return (parts * heads + each).flatten()
    abreast = packed.shared.rows.shape[1]
    row = (parts - before) % abreast
    shared = before * heads + ((parts - before - row) * heads + row) + each * abreast
    return torch.where(parts < before, parts * heads + each, shared).flatten()


def lanes(rows: int) -> int:
    """So many rows, and more up to a multiple of LANES."""
    return -(-rows // LANES) * LANES


Part = tuple[Tensor, Tensor, Tensor]
"""Sums of values (lines, queries x width), the largest scores and the sums of weights (lines, queries), float32; a
line is a page, a row and a key head."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads pages of one layer.

    Attributes:
        queries: of shape (rows, key heads, queries for each, width).
        keys: of shape (pages, key heads, PAGE, width).
        values: as keys, but for the width.
    """

    queries: Tensor
    keys: Tensor
    values: Tensor
    scale: float

    def run(self, run: Run, least: int) -> Part:
        """Pages that one row has each; to the last bit what `shared` makes of them."""
        span, asked = (
            slice(run.start, run.stop),
            self.queries.index_select(0, run.owners.to(self.queries.device)),
        )
        short = max(0, least - asked.shape[2])
        filled = pad(asked, (0, 0, 0, short)) if short else asked
        found = self._read(filled, self.keys[span], self.values[span], run.bias)
        sums, peaks, totals = (part[:, :, : asked.shape[2]].flatten(0, 1) for part in found)
        return sums.flatten(1), peaks, totals

    def shared(self, lot: Shared) -> Part:
        """Pages that several rows have, by the queries of several at once."""
        device, (_, heads, group, _) = self.queries.device, self.queries.shape
        rows, pages = lot.rows.to(device), lot.pages.to(device)
        each = torch.arange(heads, device=device).view(1, -1, 1)
        lines = (rows.unsqueeze(1) * heads + each).flatten()
        asked = self.queries.flatten(0, 1).flatten(1).index_select(0, lines)
        asked = asked.view(len(pages), heads, rows.shape[1] * group, -1)
        keys, values = (kept.index_select(0, pages) for kept in (self.keys, self.values))
        found = self._read(asked, keys, values, lot.bias)
        sums, peaks, totals = (part.reshape(len(lines), -1) for part in found)
        return sums, peaks, totals

    def _read(self, asked: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Part:
        """Sums, peaks and totals of queries of shape (pages, key heads, queries, width), a page each."""
        scores = torch.add(bias.to(asked.device), (asked @ keys.mT).float(), alpha=self.scale * LOG2E)
        peaks = scores.amax(dim=-1, keepdim=True)
        weights = scores.sub_(peaks).exp2_()
        sums = (weights.to(values.dtype) @ values).float()
        return sums, peaks.squeeze(-1), weights.sum(dim=-1)
