"""The engine: sequences in, outputs out, on any causal LM of transformers.

The tokens drawn are a function of a sequence's prompt, sampling, limits and seed. In float32 they are the
same alone or in any batch, order and batch size, unless two perturbed logits lie within about 1e-6 of each
other, or a token's share within as much of the edge of top-p or min-p: that far the sums inside a matrix
product move with its shape. In bfloat16 they move by 1e-2, and most sequences come out the same, not all.
"""

from collections.abc import Iterable

import torch

from tgc.engine.generate import generate, plain
from tgc.engine.model import Model
from tgc.engine.schedule import arrange
from tgc.engine.sequence import Output, Sequence


class Engine:
    """Runs batches of at most `batch_size` rows, half as many from the moment the device runs out of memory.

    The model is taken over: the sampling defaults of its checkpoint are dropped, for a recipe states its own.
    """

    def __init__(self, model: Model, pad_id: int, batch_size: int) -> None:
        self.model, self.batch_size = model, batch_size
        model.generation_config = plain(pad_id)

    def run(self, sequences: Iterable[Sequence]) -> list[Output]:
        """Continue every sequence to its end; outputs come in the order of the sequences.

        Raises:
            torch.OutOfMemoryError: the device has no room for one single sequence.
        """
        wanted = list(sequences)
        waiting, outputs = arrange(wanted), list[Output]()
        while waiting:
            finished = self._run(waiting[: self.batch_size])
            del waiting[: len(finished)]
            outputs += finished
        by_key = {output.key: output for output in outputs}
        return [by_key[sequence.key] for sequence in wanted]

    def _run(self, batch: list[Sequence]) -> list[Output]:
        """The outputs of a batch; none when memory ran out and a smaller batch is to be tried."""
        try:
            return generate(self.model, batch)
        except torch.OutOfMemoryError:
            if len(batch) == 1:
                raise
        torch.cuda.empty_cache()
        self.batch_size = len(batch) // 2
        return []
