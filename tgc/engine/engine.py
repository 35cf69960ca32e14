"""The engine: sequences in, outputs out, on any causal LM of transformers.

The tokens drawn are a function of a sequence's prompt, sampling, limits and seed. In `exact` mode on a CPU that
holds to the last bit, whatever grows beside it, in whatever order, with whatever stops and restarts: prompts are
always read in the same pieces, every sum over remembered tokens runs over one page or segment, and matrix products
have a multiple of four rows, those of experts too, and threads get whole vectors. Otherwise, on a GPU, and where
only `generate()` is right, sums inside a matrix product move with its shape, by about 1e-6 in float32 and 1e-2 in
bfloat16; float32 texts come out the same all the same, unless two perturbed logits lie that close together, and
most texts in bfloat16. Where that is so on a CPU in exact mode, a line of the log says it.
"""

from collections.abc import Iterable
from logging import getLogger

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel

from tgc.engine.batched.batches import Batches
from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.forward.activations import divide_evenly
from tgc.engine.forward.allocator import keep_freed
from tgc.engine.forward.experts import round_alike
from tgc.engine.forward.rounding import ROWS
from tgc.engine.growth import Growth
from tgc.engine.probe import pads, probe
from tgc.engine.services.likelihood import Scored, read
from tgc.engine.services.vectors import Text, vectors
from tgc.engine.tree import memory
from tgc.engine.tree.schedule import Cramped

HANDFUL = 16
"""One row in so many has ended when outputs are handed over: new ones can be asked for in the meantime."""


class Engine:
    """Grows at most `batch_size` sequences side by side, half as many from when the device runs out of memory.

    Args:
        model: in evaluation mode; taken over.
        pad_id: any token, for models that are given padded batches.
        exact: whether no text may depend on others; costs little, and holds on CPUs, or a warning is logged.
        controls: tokens that begin or end turns: what comes before them is shared with other prompts.
        context: the longest prompt and completion together, in tokens; None if not known.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        pad_id: int,
        batch_size: int,
        *,
        exact: bool = True,
        controls: frozenset[int] = frozenset(),
        context: int | None = None,
    ) -> None:
        self.batch_size = batch_size
        self._model, self._controls, self._context = model, controls, context
        self._least = ROWS if exact else 1
        self._promised = exact and model.device.type == "cpu"
        if model.device.type == "cpu":
            keep_freed()
        if self._promised:
            round_alike(model)
            divide_evenly(model)
        self._ability = probe(model, self._least)
        if self._ability and not self._ability.steady:
            self._retract("this model rounds a text by what is beside it")
        self._batches = Batches(model, pad_id, batch_size)
        if self._ability is None and not pads(model, self._batches):
            self._batches.rows = 1
        self._growth = self._grown() if self._ability else None
        self._aside: list[Output] = []

    @property
    def waiting(self) -> int:
        """How many sequences wait."""
        return len(self._batches.waiting) + (self._growth.schedule.waiting if self._growth else 0)

    def submit(self, sequences: Iterable[Sequence]) -> None:
        """Let sequences wait; siblings are best submitted together."""
        rest = list[Sequence]()
        for sequence in sequences:
            if self._apart(len(sequence.prompt) + sequence.max_tokens) and self._growth:
                self._growth.submit([sequence])
            else:
                rest.append(sequence)
        self._batches.submit(rest)

    def cancel(self) -> list[Sequence]:
        """Forget the sequences that wait; those that were forgotten."""
        return self._batches.cancel() + (self._growth.cancel() if self._growth else [])

    def step(self) -> list[Output]:
        """Work until a few sequences have ended; empty only when there are none.

        Raises:
            torch.OutOfMemoryError: the device has no room for one single sequence.
        """
        if self._aside:
            aside, self._aside = self._aside, []
            return aside
        if self._growth and self._growth.busy:
            return self._grow()
        return self._batches.step()

    def run(self, sequences: Iterable[Sequence]) -> list[Output]:
        """Continue every sequence to its end; outputs come in the order of the sequences.

        Raises:
            torch.OutOfMemoryError: as for `step`.
        """
        wanted = list(sequences)
        self.submit(wanted)
        outputs = dict[str, Output]()
        while ended := self.step():
            outputs |= {output.key: output for output in ended}
        return [outputs[sequence.key] for sequence in wanted]

    def weighs(self, tokens: int) -> bool:
        """Whether sequences of so many tokens may have options."""
        if self._ability is None:
            return False
        return self._ability.window is None or tokens <= self._ability.window

    def likelihoods(self, asked: Iterable[Scored]) -> list[tuple[float, ...]]:
        """The log-probability of every token of each text, natural; what prompts share is read once.

        Raises:
            torch.OutOfMemoryError: as for `step`.
        """
        wanted = list(asked)
        texts = [one for one in dict.fromkeys(wanted) if one.text]
        inside = [one for one in texts if self._apart(len(one.prompt) + len(one.text))]
        outside = [one for one in texts if not self._apart(len(one.prompt) + len(one.text))]
        found = dict(zip(inside, self._weighed(inside), strict=True))
        found |= zip(outside, read(self._model, outside), strict=True)
        return [found.get(one, ()) for one in wanted]

    def vectors(self, texts: Iterable[Text]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), width): the mean of the last hidden states over a text's tokens.

        Raises:
            torch.OutOfMemoryError: the device has no room for one single text.
        """
        return vectors(self._model, list(texts), self._apart)

    def _apart(self, tokens: int) -> bool:
        """Whether texts of so many tokens are read without padding; where they are not, the user is told."""
        apart = self.weighs(tokens)
        if not apart:
            self._retract("padded batches, which are needed here, round a text by what is beside it")
        return apart

    def _retract(self, why: str) -> None:
        """Say, once, that texts are not exact though that was promised."""
        if self._promised:
            getLogger(__name__).warning("`numerics: exact` does not hold to the last bit: %s", why)
        self._promised = False

    def _weighed(self, asked: list[Scored]) -> list[tuple[float, ...]]:
        """Likelihoods over the tree; what else ends in the meantime is put aside."""
        sequences = [one.only(f"likelihood {index}") for index, one in enumerate(asked)]
        self.submit(sequences)
        keys, found = {sequence.key for sequence in sequences}, dict[str, tuple[float, ...]]()
        aside = list[Output]()
        while len(found) < len(keys):
            ended = self.step()
            found |= {output.key: output.logprobs for output in ended if output.key in keys}
            aside += [output for output in ended if output.key not in keys]
        self._aside += aside
        return [found[sequence.key] for sequence in sequences]

    def _grown(self) -> Growth:
        assert self._ability is not None
        pages = memory.pages(self._model.device, self._ability.width, self.batch_size, self._context)
        return Growth(self._model, self.batch_size, pages, self._controls, self._least, self._ability.way)

    def _grow(self) -> list[Output]:
        """Outputs; when memory runs out, all that is under way begins again, with half the rows and pages.

        Nothing here holds what is left behind, so that its memory is free for what takes its place.
        """
        assert self._growth is not None
        try:
            return self._growth.step(max(1, self.batch_size // HANDFUL))
        except (Cramped, torch.OutOfMemoryError) as error:
            if self.batch_size == 1:
                raise torch.OutOfMemoryError from error
        self.batch_size //= 2
        self._growth = self._growth.halved(memory.fewest(self._context))
        torch.cuda.empty_cache()
        return self.step()
