"""One forward pass in a room of fixed size: tensors that never move, filled anew each time by one copy."""

from dataclasses import dataclass
from typing import Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel

from tgc.engine.cuda.attention import Attention, Told
from tgc.engine.cuda.tables import FIELDS, Tables
from tgc.engine.tree.tokens import Tokens

FEW = 64
"""Tokens of a pass are powers of two up to so many, and multiples of it from there on."""

DEPTH = 8
"""Parts and pages that a pass has room for, per token, at least."""

SEEN = 8
"""Numbers for what is seen, of four tokens each, per token and unit of depth."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a forward pass is about."""

    tokens: Tokens
    tables: Tables


@dataclass(frozen=True, slots=True)
class Room:
    """How much a pass has room for: tokens, logits, and parts per token."""

    tokens: int
    wanted: int
    depth: int

    @classmethod
    def of(cls, asked: Asked) -> Self:
        """The least of a few sizes that does."""
        tokens, tables = rounded(len(asked.tokens.ids)), asked.tables
        most = max(len(tables.parts), len(tables.pages), -(-tables.seen.size // (4 * SEEN)))
        depth = max(DEPTH, 1 << (-(-most // tokens) - 1).bit_length())
        return cls(tokens, rounded(len(asked.tokens.wanted)), depth)


@dataclass(frozen=True, slots=True)
class Words:
    """All that a pass is told, as pieces of one tensor of int32."""

    tokens: Tensor
    positions: Tensor
    slots: Tensor
    wanted: Tensor
    count: Tensor
    starts: Tensor
    parts: Tensor
    jobs: Tensor
    pages: Tensor
    seen: Tensor

    @classmethod
    def cut(cls, all_of_them: Tensor, room: Room) -> Self:
        """The pieces of a tensor of `length`."""
        return cls(*torch.split(all_of_them, _sizes(room)))


class Step:
    """A forward pass in a room of its own.

    Args:
        abreast: how many tokens share a job at most.
        outs: where logits go, by how many there are; shared by steps that are not run at the same time.
    """

    def __init__(
        self, model: PreTrainedModel, attention: Attention, room: Room, abreast: int, outs: dict[int, Tensor]
    ) -> None:
        self._model, self._attention, self._outs = model, attention, outs
        length, device = sum(_sizes(room)), model.device
        self._here = torch.zeros(length, dtype=torch.int32, pin_memory=device.type == "cuda")
        self._there = torch.zeros(length, dtype=torch.int32, device=device)
        self._words, self._given = Words.cut(self._here, room), Words.cut(self._there, room)
        given = self._given
        self._told = Told(
            slots=given.slots,
            count=given.count,
            jobs=given.jobs,
            pages=given.pages,
            starts=given.starts,
            parts=given.parts,
            seen=given.seen.view(torch.int8),
            abreast=abreast,
        )

    def tell(self, asked: Asked) -> None:
        """Copy what is asked to the device, after what was asked before is done."""
        words, tokens, tables = self._words, asked.tokens, asked.tables
        for whole, some in (
            (words.tokens, tokens.ids),
            (words.positions, tokens.positions),
            (words.slots, tokens.slots),
            (words.wanted, tokens.wanted),
        ):
            whole.zero_()
            _put(whole, np.array(some, dtype=np.int32))
        words.count.fill_(len(tables.jobs))
        words.starts.fill_(int(tables.starts[-1]))
        _put(words.starts, tables.starts)
        _put(words.parts, tables.parts)
        _put(words.jobs, tables.jobs.ravel())
        _put(words.pages, tables.pages)
        _put(words.seen.view(torch.int8), tables.seen.view(np.int8))
        self._there.copy_(self._here)

    def run(self) -> Tensor:
        """Float32 logits after each token that they are wanted after, of shape (room for them, vocabulary)."""
        self._attention.told = self._told
        out = self._model(
            input_ids=self._given.tokens.long().unsqueeze(0),
            position_ids=self._given.positions.long().unsqueeze(0),
            use_cache=False,
            logits_to_keep=self._given.wanted.long(),
        )
        logits = cast("Tensor", out.logits)[0]
        if len(logits) not in self._outs:
            self._outs[len(logits)] = torch.empty_like(logits, dtype=torch.float32)
        return self._outs[len(logits)].copy_(logits)


def rounded(count: int) -> int:
    """So many, and more up to one of a few sizes.

    >>> rounded(1), rounded(9), rounded(65)
    (8, 16, 128)
    """
    if count > FEW:
        return -(-count // FEW) * FEW
    return max(8, 1 << (count - 1).bit_length())


def _sizes(room: Room) -> list[int]:
    """How long the pieces are, in the order of `Words`."""
    tokens, parts = room.tokens, room.tokens * room.depth
    return [tokens, tokens, tokens, room.wanted, 1, tokens + 1, parts, parts * FIELDS, parts, parts * SEEN]


def _put(whole: Tensor, some: NDArray[np.generic]) -> None:
    whole.numpy()[: len(some)] = some
