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

STEP = 16
"""Tokens of a pass are a multiple of so many: oneDNN makes code for each number of rows, and keeps a megabyte."""


class Decoder:
    """Runs a model over pages.

    Args:
        pages: how many pages are remembered.
        least: rows that every matrix product has at least; from four on, the rounding of a row is the same
            beside any others (measured on CPUs: fp32 by MKL has other sums for one row, and for two or three).
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
        tokens = [place.row.tokens[-1] for place in places]
        positions = [place.position for place in places]
        wanted = list(range(len(places)))
        for piece in pieces:
            wanted += [len(tokens) + kept for kept in piece.kept]
            tokens += piece.tokens
            positions += piece.positions
        spare = -len(tokens) % STEP
        self.attention.begin(self._pack(places, pieces, spare))
        logits = self._logits(tokens + [0] * spare, positions + [0] * spare, wanted)
        return logits[: len(places)], logits[len(places) : len(wanted)]

    def _logits(self, tokens: list[int], positions: list[int], wanted: list[int]) -> Tensor:
        device = self._model.device
        spare = [wanted[0]] * (-len(wanted) % self._least)
        out = self._model(
            input_ids=torch.tensor([tokens], device=device),
            position_ids=torch.tensor([positions], device=device),
            use_cache=False,
            logits_to_keep=torch.tensor(wanted + spare, device=device),
        )
        return cast("Tensor", out.logits)[0].float()

    def _pack(self, places: Sequence[Place], pieces: Sequence[Piece], spare: int) -> Packed:
        pages, offsets = self._targets(places, pieces)
        readings, first = list[Reading](), len(places)
        for piece in pieces:
            readings.append(self._reading(piece, first))
            first += len(piece.tokens)
        plan = layout.lay(places)
        return Packed(
            pages=self._tensor(np.pad(pages, (0, spare))),
            offsets=self._tensor(np.pad(offsets, (0, spare))),
            rows=len(places),
            least=self._least,
            texts=self._singles(plan.texts),
            alone=self._singles(plan.alone),
            lots=tuple(self._lot(lot) for lot in plan.lots),
            sums=self._sums(plan),
            readings=tuple(readings),
        )

    def _targets(
        self, places: Sequence[Place], pieces: Sequence[Piece]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The page of every token and its place in it; the pages are counted as filled so far."""
        pages, offsets = list[int](), list[int]()
        for place in places:
            pages.append(place.pages[-1])
            offsets.append((len(place.row.tokens) - 1) % PAGE)
        for piece in pieces:
            own = range(piece.first, piece.first + len(piece.tokens))
            pages += [piece.pages[index // PAGE] for index in own]
            offsets += [index % PAGE for index in own]
        for page, offset in zip(pages, offsets, strict=True):
            self._filled[page] = offset + 1
        return np.array(pages, dtype=np.int64), np.array(offsets, dtype=np.int64)

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
