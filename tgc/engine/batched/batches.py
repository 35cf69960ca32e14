"""Batches through `generate()`: for models whose attention is not one that the tree of prompts can drive."""

from collections.abc import Iterable

import torch
from transformers import PreTrainedModel

from tgc.engine.batched.batch import arrange
from tgc.engine.batched.generate import generate, plain
from tgc.engine.drawing.sequence import Output, Sequence


class Batches:
    """Runs batches of at most `rows` sequences to their ends, half as many from when memory runs out.

    The model is taken over: the sampling defaults of its checkpoint are dropped, for a recipe states its own.
    """

    def __init__(self, model: PreTrainedModel, pad_id: int, rows: int) -> None:
        self.rows = rows
        self.waiting: list[Sequence] = []
        self._model = model
        model.generation_config = plain(pad_id)

    def submit(self, sequences: Iterable[Sequence]) -> None:
        """Let sequences wait."""
        self.waiting = arrange([*self.waiting, *sequences])

    def cancel(self) -> list[Sequence]:
        """Forget the sequences that wait; these."""
        forgotten, self.waiting = self.waiting, []
        return forgotten

    def step(self) -> list[Output]:
        """Run one batch to its end.

        Raises:
            torch.OutOfMemoryError: the device has no room for one single sequence.
        """
        outputs: list[Output] = []
        while self.waiting and not outputs:
            outputs = self._run(self.waiting[: self.rows])
        del self.waiting[: len(outputs)]
        return outputs

    def _run(self, batch: list[Sequence]) -> list[Output]:
        """The outputs of a batch; none when memory ran out and a smaller batch is to be tried."""
        try:
            return generate(self._model, batch)
        except torch.OutOfMemoryError:
            if len(batch) == 1:
                raise
        torch.cuda.empty_cache()
        self.rows = len(batch) // 2
        return []
