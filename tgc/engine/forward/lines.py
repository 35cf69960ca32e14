"""Which lines of a layer's tensors what is packed is about, where every key head has a line of its own."""

from dataclasses import dataclass

import torch
from torch import Tensor

from tgc.engine.forward.packed import Lot, Packed, Singles, Sums
from tgc.engine.forward.rounding import VECTOR
from tgc.engine.tree.pages import PAGE


@dataclass(frozen=True, slots=True)
class Stretches:
    """A lot, for layers of so many key heads.

    Attributes:
        rows: of shape (stretches, key heads, rows): lines of queries.
        pages: of shape (stretches, key heads, pages): lines of what is remembered.
        bias: as of the lot.
    """

    rows: Tensor
    pages: Tensor
    bias: Tensor


@dataclass(frozen=True, slots=True)
class Adding:
    """How rows add up their parts, for layers of so many key heads.

    Attributes:
        height: how many rows there are.
        owners: of shape (lines,): the line of queries that each is of; there are more, to a multiple of VECTOR.
        parts: of shape (columns, rows x key heads): lines of parts.
        absent: where there is none, of shape (columns, rows x key heads, 1).
        order: of shape (uses x key heads,): lines of parts that are somebody's, those of a row in the order of its
            text.
        rows: of shape (uses,): whose they are.
    """

    height: int
    owners: Tensor
    parts: Tensor
    absent: Tensor
    order: Tensor
    rows: Tensor


@dataclass(frozen=True, slots=True)
class Lines:
    """All that layers of so many key heads need to know.

    Attributes:
        kept: of shape (key heads x tokens,): where keys and values are remembered.
        least: queries that every page of a prompt is put at least.
    """

    kept: Tensor
    least: int
    texts: Singles
    alone: Singles
    lots: tuple[Stretches, ...]
    adding: Adding


def lines(packed: Packed, heads: int, device: torch.device) -> Lines:
    """The lines of what is packed, on a device."""
    each = torch.arange(heads, device=device).unsqueeze(1)
    slots = packed.slots.to(device)
    return Lines(
        kept=((slots // PAGE * heads + each) * PAGE + slots % PAGE).flatten(),
        least=packed.least,
        texts=_there(packed.texts, device),
        alone=_there(packed.alone, device),
        lots=tuple(_stretches(lot, each) for lot in packed.lots),
        adding=_adding(packed.sums, each),
    )


def _there(pages: Singles, device: torch.device) -> Singles:
    return Singles(pages.runs, pages.owners.to(device), pages.bias.to(device))


def _stretches(lot: Lot, each: Tensor) -> Stretches:
    rows, pages = (own.to(each.device).unsqueeze(1) * len(each) + each for own in (lot.rows, lot.pages))
    return Stretches(rows, pages, lot.bias.to(each.device))


def _adding(sums: Sums, each: Tensor) -> Adding:
    device, heads = each.device, len(each)
    times, more, step = sums.lines.to(device).unsqueeze(-1)
    own = times * heads + more + step * each.T  # (parts, heads)
    owners = own.new_zeros(own.numel() + -own.numel() % VECTOR)
    owners[own] = sums.owners.to(device).unsqueeze(1) * heads + each.T
    return Adding(
        height=sums.parts.shape[1],
        owners=owners,
        parts=own[sums.parts.to(device)].flatten(1),
        absent=sums.absent.to(device).expand(-1, -1, heads, -1).flatten(1, 2),
        order=own[sums.order.to(device)].flatten(),
        rows=sums.rows.to(device),
    )
