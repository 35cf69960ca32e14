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
class Single:
    """Pages that one row has each.

    Attributes:
        least: queries that every page is put at least.
        parts: of shape (parts,): which of all pages of the runs are of use.
        targets: of shape (parts,): column x abreast(rows) + row of each.
    """

    runs: tuple[Run, ...]
    least: int
    parts: Tensor
    targets: Tensor


@dataclass(frozen=True, slots=True)
class Shared:
    """Pages that several rows have.

    Attributes:
        pages: of shape (times,); `bias` as for runs.
        rows: of shape (times, rows): whose queries are put to each; any where there are no more.
        parts: of shape (parts,): which of times x rows are of use.
        targets: of shape (parts,): column x abreast(rows) + row of each.
    """

    pages: Tensor
    rows: Tensor
    bias: Tensor
    parts: Tensor
    targets: Tensor


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
        columns: parts of a row at most.
    """

    pages: Tensor
    offsets: Tensor
    rows: int
    columns: int
    single: tuple[Single, ...]
    shared: Shared | None
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
    parts = Parts.none(packed.columns, abreast(packed.rows), grouped, values)
    reader = Reader(grouped, keys, values, scale, parts)
    for single in packed.single:
        reader.single(single)
    if packed.shared:
        reader.shared(packed.shared)
    return parts.put_together()[: packed.rows].flatten(1, 2).to(queries.dtype)


def abreast(rows: int) -> int:
    """So many rows, and more up to a multiple of LANES."""
    return -(-rows // LANES) * LANES


@dataclass(frozen=True, slots=True)
class Parts:
    """What rows make of what they read, all float32.

    Attributes:
        sums: weighted sums of values, of shape (columns, rows, key heads, queries, width).
        peaks: the largest score, to the base of 2, of shape (columns, rows, key heads, queries).
        totals: sums of weights, of the same shape.
    """

    sums: Tensor
    peaks: Tensor
    totals: Tensor

    @classmethod
    def none(cls, columns: int, rows: int, queries: Tensor, values: Tensor) -> "Parts":
        """Parts that weigh nothing."""
        shape, device = (columns, rows, *queries.shape[1:3]), queries.device
        sums = torch.zeros((*shape, values.shape[-1]), device=device)
        return cls(sums, torch.full(shape, NEVER, device=device), torch.zeros(shape, device=device))

    def note(self, targets: Tensor, sums: Tensor, peaks: Tensor, totals: Tensor) -> None:
        """Put parts in their places, which are counted over columns and rows."""
        for noted, part in ((self.sums, sums), (self.peaks, peaks), (self.totals, totals)):
            noted.flatten(0, 1).index_copy_(0, targets, part)

    def put_together(self) -> Tensor:
        """The attention of shape (rows, key heads, queries, width), added up column by column.

        Parts that weigh nothing change nothing, so it does not matter how many columns other rows have.
        """
        weights = (self.peaks - self.peaks.amax(dim=0)).exp2_()
        total, found = weights[0] * self.totals[0], weights[0].unsqueeze(-1) * self.sums[0]
        for weight, sums, totals in zip(weights[1:], self.sums[1:], self.totals[1:], strict=True):
            total += (
                weight * totals
            )  # not fused: at the end of a tensor, fused sums are rounded in another way
            found += weight.unsqueeze(-1) * sums
        return found.div_(total.unsqueeze(-1))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads pages of one layer and notes the parts.

    Attributes:
        queries: of shape (rows, key heads, queries for each, width).
        keys: of shape (pages, key heads, PAGE, width).
        values: as keys, but for the width.
    """

    queries: Tensor
    keys: Tensor
    values: Tensor
    scale: float
    parts: Parts

    def single(self, lot: Single) -> None:
        """The parts of pages that one row has each; to the last bit what `shared` makes of them."""
        group, device = self.queries.shape[2], self.queries.device
        found = [self._read_run(run, lot.least) for run in lot.runs]
        used = lot.parts.to(device)
        own = (torch.cat(pieces)[used][:, :, :group] for pieces in zip(*found, strict=True))
        self.parts.note(lot.targets.to(device), *own)

    def _read_run(self, run: Run, least: int) -> tuple[Tensor, Tensor, Tensor]:
        span, asked = slice(run.start, run.stop), self.queries[run.owners.to(self.queries.device)]
        short = max(0, least - asked.shape[2])
        return self._read(pad(asked, (0, 0, 0, short)), self.keys[span], self.values[span], run.bias)

    def shared(self, lot: Shared) -> None:
        """The parts of pages that several rows have, by the queries of several at once."""
        device = self.queries.device
        pages, rows, used = (given.to(device) for given in (lot.pages, lot.rows, lot.parts))
        asked = self.queries[rows].transpose(1, 2).flatten(2, 3)
        shape = (rows.shape[1], self.queries.shape[2])
        found = self._read(asked, self.keys[pages], self.values[pages], lot.bias)
        own = (torch.unflatten(part, 2, shape).transpose(1, 2).flatten(0, 1)[used] for part in found)
        self.parts.note(lot.targets.to(device), *own)

    def _read(
        self, asked: Tensor, keys: Tensor, values: Tensor, bias: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Sums, peaks and totals of queries of shape (pages, key heads, queries, width), a page each."""
        scores = torch.add(bias.to(asked.device), (asked @ keys.mT).float(), alpha=self.scale * LOG2E)
        peaks = scores.amax(dim=-1, keepdim=True)
        weights = scores.sub_(peaks).exp2_()
        sums = (weights.to(values.dtype) @ values).float()
        return sums, peaks.squeeze(-1), weights.sum(dim=-1)
