"""Attention over pages: what siblings share is read once for all of them (cascade attention).

A row's attention over some of its tokens is an unnormalised sum with its largest score and the sum of its
weights; such parts of any cut of the tokens add up to the attention over all of them (online softmax, arXiv
1805.02867; shared prefixes as in arXiv 2402.05099).
"""

from dataclasses import dataclass
from math import log

import torch
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention

from tgc.engine.forward.packed import NEVER, Packed, Reading, Run, Shared

LOG2E = 1 / log(2)
"""Weights are powers of 2: on a CPU exp2 takes a third of the time of exp, and a tenth where they underflow."""


def read(queries: Tensor, keys: Tensor, values: Tensor, scale: float, reading: Reading) -> Tensor:
    """The attention of a segment's tokens, of shape (tokens, heads, width), to all before them."""
    heads = keys.shape[1]
    pages, mask = reading.pages.to(keys.device), reading.mask.to(keys.device)
    grouped = torch.unflatten(queries, 1, (heads, -1)).permute(1, 2, 0, 3)
    both = (kept.index_select(0, pages).transpose(0, 1).flatten(1, 2).unsqueeze(1) for kept in (keys, values))
    key, value = (kept.expand(-1, grouped.shape[1], -1, -1) for kept in both)
    found = scaled_dot_product_attention(grouped, key, value, attn_mask=mask, scale=scale)
    return found.permute(2, 0, 1, 3).flatten(1, 2)


def attend(queries: Tensor, keys: Tensor, values: Tensor, scale: float, packed: Packed) -> Tensor:
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
    highs = peaks.index_select(0, lines).view(*packed.parts.shape, *shape[1:3]).masked_fill(absent, NEVER)
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
        span = slice(run.start, run.stop)
        asked = self.queries.index_select(0, run.owners.to(self.queries.device))
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
