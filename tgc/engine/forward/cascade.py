"""Attention over pages: what siblings share is read once for all of them (cascade attention, arXiv 2402.05099)."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import torch
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention

from tgc.engine.forward.lines import Lines, Stretches
from tgc.engine.forward.packed import Reading, Singles
from tgc.engine.forward.parts import Parts, powers_, room, together
from tgc.engine.tree.pages import PAGE

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


def attend(queries: Tensor, keys: Tensor, values: Tensor, scale: float, plan: Lines) -> Tensor:
    """The attention of rows, of shape (rows, heads, width), put together from their parts."""
    heads, width = keys.shape[1], values.shape[-1]
    reader = Reader(torch.unflatten(queries, 1, (heads, -1)), keys, values, scale * LOG2E)
    parts = room(len(plan.adding.owners), queries.shape[1] // heads, width, queries.device)
    first = 0
    for pages, fewest in ((plan.texts, 0), (plan.alone, plan.least)):
        if pages.runs:
            first = parts.put(first, len(pages.owners) * heads, reader.singles(pages, fewest))
    for lot in plan.lots:
        first = parts.put(first, lot.rows.numel(), reader.lot(lot, plan.least))
    return together(parts, plan.adding).view(len(queries), -1, width).to(queries.dtype)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads pages of one layer.

    Attributes:
        queries: of shape (rows, key heads, queries for each, width).
        keys: of shape (pages, key heads, PAGE, width).
        values: as keys, but for the width.
        scale: of scores, whose powers of 2 are the weights.
    """

    queries: Tensor
    keys: Tensor
    values: Tensor
    scale: float

    def singles(self, pages: Singles, least: int) -> Parts:
        """Pages that one row has each; to the last bit what `lot` makes of them."""
        asked = _filled(self.queries.index_select(0, pages.owners).flatten(0, 1), least)
        scores = asked.new_empty((*asked.shape[:2], PAGE))
        for own, keys in _adjacent(pages, self.keys):
            torch.bmm(asked[own], keys.mT, out=scores[own])
        weights, peaks, totals = self._weighed(scores, pages.bias)
        sums = weights.new_empty((*weights.shape[:2], self.values.shape[-1]))
        for own, values in _adjacent(pages, self.values):
            torch.bmm(weights[own], values, out=sums[own])
        return Parts(sums, peaks, totals)

    def lot(self, lot: Stretches, least: int) -> Parts:
        """Stretches that several rows have, by the queries of several at once."""
        lines, width = lot.rows.shape[0] * lot.rows.shape[1], self.queries.shape[-1]
        asked = self.queries.flatten(0, 1).index_select(0, lot.rows.flatten())
        asked = _filled(asked.view(lines, -1, width), least)
        keys, values = (_stretches(kept, lot.pages) for kept in (self.keys, self.values))
        weights, peaks, totals = self._weighed(torch.bmm(asked, keys.mT), lot.bias)
        return Parts(torch.bmm(weights, values), peaks, totals)

    def _weighed(self, products: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Weights in the format of values, the largest scores, and the sums of weights."""
        shape = products.shape
        scores = products.view(len(bias), -1, shape[-1]).float()
        scores = torch.add(bias, scores, alpha=self.scale).view(shape)
        peaks = scores.amax(dim=-1, keepdim=True)
        weights = powers_(scores.sub_(peaks))
        return weights.to(self.values.dtype), peaks.squeeze(-1), weights.sum(dim=-1)


def _filled(queries: Tensor, least: int) -> Tensor:
    """Queries of shape (lines, queries, width), and zeros up to so many."""
    short = max(0, least - queries.shape[1])
    return pad(queries, (0, 0, 0, short)) if short else queries


def _adjacent(pages: Singles, kept: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """Each run with its place among all, both in lines of a page and a key head."""
    done, heads = 0, kept.shape[1]
    for start, stop in pages.runs:
        count = (stop - start) * heads
        yield slice(done, done + count), kept[start:stop].flatten(0, 1)
        done += count


def _stretches(kept: Tensor, lines: Tensor) -> Tensor:
    """What is kept in pages: of shape (stretches x key heads, tokens, width)."""
    found = kept.view(-1, PAGE * kept.shape[-1]).index_select(0, lines.flatten())
    return found.view(lines.shape[0] * lines.shape[1], -1, kept.shape[-1])
