"""One forward pass: a token of every row and the segments that are read beside them, packed without padding."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel

from tgc.engine.forward.attention import Attention, attending
from tgc.engine.forward.packed import NEVER, Lot, Packed, Reading, Singles, Sums
from tgc.engine.forward.prepacked import Prepacked
from tgc.engine.tree import layout
from tgc.engine.tree.pages import PAGE, needed
from tgc.engine.tree.piece import Piece
from tgc.engine.tree.schedule import Place
from tgc.engine.tree.tokens import Tokens, gather

STEP = 16
"""Tokens of a pass are a multiple of so many: oneDNN makes code for each number of rows, and keeps a megabyte."""


class Decoder:
    """Runs a model over pages.

    Args:
        pages: how many pages are remembered.
        least: queries that pages of a prompt are put at least, and of how many there are logits a multiple; from
            `rounding.ROWS` on, rows are rounded the same beside any others.
    """

    def __init__(self, model: PreTrainedModel, pages: int, least: int) -> None:
        self.attention = Attention(pages)
        self._model, self._least = model, least
        self._prepacked = Prepacked(model)
        self._filled = np.zeros(pages, dtype=np.int64)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have the model attend over pages, and multiply by what is laid out for it.

        Raises:
            Unsupported: its attention cannot be replaced.
        """
        with attending(self._model, self.attention), self._prepacked.at_hand():
            yield

    def forward(self, places: Sequence[Place], pieces: Sequence[Piece]) -> tuple[Tensor, Tensor]:
        """Float32 logits after each row's last token, and after each that pieces keep: of shape (…, vocabulary).

        Args:
            places: rows, in the order of their leaves.
            pieces: parents before children.
        """
        tokens = gather(places, pieces)
        self.attention.begin(self._pack(places, pieces, tokens))
        logits = self._logits(tokens)
        return logits[: len(places)], logits[len(places) : len(tokens.wanted)]

    def _logits(self, tokens: Tokens) -> Tensor:
        wanted = [*tokens.wanted, *tokens.wanted[:1] * (-len(tokens.wanted) % self._least)]
        out = self._model(
            input_ids=self._tensor(_in_steps(tokens.ids)[None]),
            position_ids=self._tensor(_in_steps(tokens.positions)[None]),
            use_cache=False,
            logits_to_keep=self._tensor(np.array(wanted, dtype=np.int64)),
        )
        return cast("Tensor", out.logits)[0].float()

    def _pack(self, places: Sequence[Place], pieces: Sequence[Piece], tokens: Tokens) -> Packed:
        self._fill(np.array(tokens.slots, dtype=np.int64))
        readings = map(self._reading, pieces, tokens.firsts)
        plan = layout.lay(places)
        return Packed(
            slots=self._tensor(_in_steps(tokens.slots)),
            rows=len(places),
            least=self._least,
            texts=self._singles(plan.texts),
            alone=self._singles(plan.alone),
            lots=tuple(self._lot(lot) for lot in plan.lots),
            sums=self._sums(plan),
            readings=tuple(readings),
        )

    def _fill(self, slots: NDArray[np.int64]) -> None:
        """Count pages as filled up to the last of these."""
        self._filled[slots // PAGE] = slots % PAGE + 1

    def _reading(self, piece: Piece, first: int) -> Reading:
        before = [page for part in piece.path for page in part.pages]
        known = (np.arange(PAGE) < self._filled[before, None]).reshape(1, -1)
        count, width = piece.seen.shape
        own = piece.pages[: needed(width)]
        seen = np.pad(piece.seen, ((0, 0), (0, len(own) * PAGE - width)))
        mask = np.concatenate([np.broadcast_to(known, (count, known.size)), seen], axis=1)
        return Reading(first, first + count, self._tensor(np.array([*before, *own])), self._tensor(mask))

    def _singles(self, runs: Sequence[layout.Run]) -> Singles:
        pages = np.concatenate([np.arange(run.start, run.stop) for run in runs] or [np.arange(0)])
        owners = np.concatenate([run.owners for run in runs] or [pages])
        spans = tuple((run.start, run.stop) for run in runs)
        return Singles(spans, self._tensor(owners), self._bias(pages))

    def _lot(self, lot: layout.Lot) -> Lot:
        bias = self._bias(lot.pages.flatten()).view(len(lot.pages), 1, -1)
        return Lot(self._tensor(lot.pages), self._tensor(lot.rows), bias)

    def _sums(self, plan: layout.Layout) -> Sums:
        there = plan.parts >= 0
        rows, order = there.nonzero()[1], plan.parts[there]
        owners = np.zeros(plan.lines.shape[1], dtype=np.int64)
        owners[order] = rows
        return Sums(
            lines=self._tensor(plan.lines),
            owners=self._tensor(owners),
            parts=self._tensor(np.maximum(plan.parts, 0)),
            absent=self._tensor(~there[:, :, None, None]),
            order=self._tensor(order),
            rows=self._tensor(rows),
        )

    def _bias(self, pages: NDArray[np.int64]) -> Tensor:
        there = np.arange(PAGE) < self._filled[pages, None]
        return self._tensor(np.where(there, np.float32(0), np.float32(NEVER))[:, None])

    def _tensor(self, values: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._model.device)


def _in_steps(numbers: Sequence[int]) -> NDArray[np.int64]:
    """Numbers of tokens, and zeros up to a multiple of STEP."""
    return np.pad(np.array(numbers, dtype=np.int64), (0, -len(numbers) % STEP))
