"""Grows sequences over a tree of prompts: schedule, forward, draw; again and again."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from transformers import PreTrainedModel

from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.tree.pages import Pages
from tgc.engine.tree.piece import whole
from tgc.engine.tree.schedule import Place, Schedule
from tgc.engine.tree.weighing import Weighings
from tgc.engine.way import PLAIN, Way

if TYPE_CHECKING:
    from tgc.engine.tree.prefix import Segment


class Growth:
    """Sequences that grow side by side, each started as soon as another ends.

    Args:
        rows: how many grow side by side at most.
        pages: how many pages of tokens are remembered.
        controls: tokens before which prompts are cut.
        least: rows that every matrix product has at least.
        way: how forward passes are run.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        rows: int,
        pages: int,
        controls: frozenset[int],
        least: int,
        way: Way = PLAIN,
    ) -> None:
        self.schedule = Schedule(rows, Pages(pages), controls)
        self._model, self._controls, self._least, self._way = model, controls, least, way
        self._decoder = way.runner(model, pages, least)
        self._weighings = Weighings()
        self._first: dict[Segment, Tensor] = {}
        self._ended: list[Output] = []

    @property
    def busy(self) -> bool:
        """Whether there is anything to do or to hand over."""
        return bool(self.schedule.waiting or self.schedule.growing or self._ended)

    @property
    def width(self) -> int:
        """Bytes that a token takes in memory, once one was read."""
        return self._decoder.attention.width

    @property
    def window(self) -> int | None:
        """The most tokens that all layers attend to, once one was read; None where there is no limit."""
        return self._decoder.attention.window

    def submit(self, sequences: Iterable[Sequence]) -> None:
        """Let sequences wait."""
        self.schedule.submit(sequences)

    def cancel(self) -> list[Sequence]:
        """Forget the sequences that have not started; these."""
        self._first.clear()
        return self.schedule.cancel()

    def halved(self, fewest: int) -> "Growth":
        """All that has not ended, to begin again with half the rows and pages, or the fewest; what has is kept."""
        growing = [place.row.sequence for place in self.schedule.growing]
        rows, pages = self.schedule.rows // 2, max(1 + fewest, self.schedule.pages.count // 2)
        smaller = Growth(self._model, rows, pages, self._controls, self._least, self._way)
        smaller.submit([*growing, *self.cancel()])
        smaller._ended = self._ended
        return smaller

    @torch.inference_mode()
    def step(self, enough: int) -> list[Output]:
        """Go on until so many have ended, or all.

        Raises:
            Cramped: there is no room for a single sequence.
            torch.OutOfMemoryError: the device has less room than it was thought to have.
        """
        with self._decoder.running():
            while len(self._ended) < enough and (self.schedule.waiting or self.schedule.growing):
                self._forward()
                self._start()
        ended, self._ended = self._ended, []
        return ended

    def _forward(self) -> None:
        """Read what is due and draw a token for every row."""
        segments, weighings = self.schedule.reads(), self._weighings.due()
        self.schedule.extend()
        places = [place for place in self.schedule.growing if not place.row.sequence.options]
        pieces = [*map(whole, segments), *(weighing.piece() for weighing in weighings)]
        if places or pieces:
            logits, after = self._decoder.forward(places, pieces)
            leaves = set(self.schedule.read(segments))
            self._first |= {one: after[index].clone() for index, one in enumerate(segments) if one in leaves}
            self._weighings.take(weighings, after[len(segments) :])
            self._advance(places, logits)

    def _start(self) -> None:
        """Let sequences start, and draw their first tokens, until no row is free or none can."""
        while started := self.schedule.admit():
            logits = torch.stack([self._first[place.leaf] for place in started])
            self._weighings.begin(started, logits)
            drawing = [index for index, place in enumerate(started) if not place.row.sequence.options]
            self._advance([started[index] for index in drawing], logits[drawing])
        self._first = {leaf: logits for leaf, logits in self._first.items() if self.schedule.expects(leaf)}

    def _advance(self, places: list[Place], logits: Tensor) -> None:
        """Draw a token for each, and an option where all are weighed; those that end make room."""
        if places:
            self._way.advance([place.row for place in places], logits)
        self._weighings.settle()
        self._ended += [place.row.output for place in self.schedule.retire()]
