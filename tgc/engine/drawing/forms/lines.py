"""Answers of one line, for any tokenizer and without a library: what each token does to a line is looked up."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tgc.engine.drawing.forms.automaton import DEAD, START, automaton
from tgc.engine.drawing.forms.marks import marked
from tgc.engine.drawing.forms.spelling import spellings

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class Lines:
    """Makes lines for one tokenizer."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        self._steps = automaton().walk(spellings(tokenizer))
        self._masks: dict[frozenset[int], NDArray[np.uint8]] = {}

    def of(self, ends: frozenset[int]) -> "Callable[[], LineForm]":
        """Makes a line that begins; `ends` are tokens that end its turn."""
        if ends not in self._masks:
            self._masks[ends] = _masks(self._steps, ends)
        return lambda: LineForm(self._steps, self._masks[ends], ends)


class LineForm:
    """How far a line has come; what it is, `grammar.Form` says."""

    quote = None

    def __init__(self, steps: NDArray[np.uint8], masks: NDArray[np.uint8], ends: frozenset[int]) -> None:
        self._steps, self._masks, self.ends, self._state = steps, masks, ends, START

    def allowed(self) -> NDArray[np.uint8]:
        """Which tokens may come next, a bit each; not to be written to."""
        found: NDArray[np.uint8] = self._masks[self._state]
        return found

    def take(self, token: int) -> None:
        """Go on by a token that is no end."""
        self._state = int(self._steps[self._state, token]) if token < self._steps.shape[1] else DEAD

    @property
    def complete(self) -> bool:
        """Whether the line may end here."""
        return self._state in automaton().complete

    @property
    def closed(self) -> bool:
        """Whether nothing can come after what there is, be it a line or not."""
        return self._state in automaton().closed


def _masks(steps: NDArray[np.uint8], ends: Iterable[int]) -> NDArray[np.uint8]:
    """Which tokens may come next in each state, of shape (states, bytes)."""
    bits = np.packbits(steps != DEAD, axis=1, bitorder="little")
    stops = marked(ends, bits.shape[1])
    complete = [[state in automaton().complete] for state in range(len(steps))]
    return np.where(complete, bits | stops, bits & ~stops)
