"""One forward pass: a token of every row and the segments that are read beside them, packed without padding."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel

from tgc.engine.forward.attention import Attention
from tgc.engine.forward.packed import NEVER, Packed, Reading, Run, Shared, lanes
from tgc.engine.tree import layout
from tgc.engine.tree.pages import PAGE, needed
from tgc.engine.tree.piece import Piece
from tgc.engine.tree.schedule import Place


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
        self._filled = np.zeros(pages, dtype=np.int64)

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
        spare = -len(tokens) % self._least
        self.attention.packed = self._pack(places, pieces, spare)
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
        parts = np.pad(plan.parts, ((0, 0), (0, lanes(len(places)) - len(places))), constant_values=-1)
        return Packed(
            pages=self._tensor(np.pad(pages, (0, spare))),
            offsets=self._tensor(np.pad(offsets, (0, spare))),
            rows=len(places),
            least=self._least,
            texts=self._runs(plan.texts),
            alone=self._runs(plan.alone),
            shared=self._shared(plan.shared),
            parts=self._tensor(np.maximum(parts, 0)),
            absent=self._tensor(parts < 0),
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

    def _runs(self, runs: Sequence[layout.Run]) -> tuple[Run, ...]:
        return tuple(
            Run(run.start, run.stop, self._tensor(run.owners), self._bias(np.arange(run.start, run.stop)))
            for run in runs
        )

    def _shared(self, plan: layout.Shared) -> Shared | None:
        if not len(plan.pages):
            return None
        return Shared(self._tensor(plan.pages), self._tensor(plan.rows), self._bias(plan.pages))

    def _bias(self, pages: NDArray[np.int64]) -> Tensor:
        there = np.arange(PAGE) < self._filled[pages, None]
        return self._tensor(np.where(there, np.float32(0), np.float32(NEVER))[:, None, None])

    def _tensor(self, values: NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._model.device)
