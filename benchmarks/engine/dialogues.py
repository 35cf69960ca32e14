"""Random trees of dialogues that ask an engine for all that it can do, and interrupt it now and then."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from benchmarks.engine.workloads import TURN
from tgc.engine.drawing.choices import options
from tgc.engine.drawing.sequence import Family, Output, Sequence
from tgc.engine.services.likelihood import Scored
from tgc.sampling import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from numpy.typing import NDArray

    from tgc.engine.engine import Engine

WAYS = (
    Sampling(),
    Sampling(0.8, top_k=20),
    Sampling(top_p=0.9),
    Sampling(min_p=0.1),
    Sampling(repetition_penalty=1.2),
    Sampling(dp_lambda=0.9),
    Sampling(siblings="distinct"),
)

KEPT = 8
"""Answers that a next level goes on from."""

CONTEXT = 1024
"""Tokens that no dialogue has more of: four turns of words and as many answers."""


@dataclass(slots=True)
class Even:
    """A form: three to nine even tokens, and then an end."""

    ends: frozenset[int]
    even: NDArray[np.uint8]
    most: int
    count: int = 0
    quote: int | None = None

    def allowed(self) -> NDArray[np.uint8]:
        """Even tokens."""
        return self.even

    def take(self, token: int) -> None:  # noqa: ARG002 - all are alike
        """One more."""
        self.count += 1

    @property
    def complete(self) -> bool:
        """Whether there are enough."""
        return self.count >= self.most

    @property
    def closed(self) -> bool:
        """Whether there are too many for any more."""
        return self.complete


@dataclass(frozen=True, slots=True)
class Dialogues:
    """Trees for one engine, all different, the same every time that they are drawn with the same dice."""

    engine: Engine
    vocabulary: int
    dice: Random

    def grow(self, *, short: bool) -> int:
        """Grow a tree, two to four levels deep; how many tokens it came to.

        Args:
            short: whether the memory of the device runs out in the midst of it.
        """
        prompts, made = [self._turn(80)], 0
        for level in range(self.dice.randint(2, 4)):
            asked = [
                self._sequence(prompt, f"{level} {parent} {child}", child)
                for parent, prompt in enumerate(prompts)
                for child in range(self.dice.randint(1, 8))
            ]
            if short and not level:
                asked[0] = replace(asked[0], stops=_once_short(), form=None, options=None)
            outputs = self._outputs(asked)
            made += sum(len(output.tokens) for output in outputs)
            kept = self.dice.sample(range(len(asked)), min(KEPT, len(asked)))
            self._weigh([Scored(asked[one].prompt, outputs[one].tokens) for one in kept])
            prompts = [asked[one].prompt + outputs[one].tokens + self._turn(16) for one in kept]
        return made

    def _outputs(self, asked: list[Sequence]) -> list[Output]:
        """What a level comes to; one in four is cancelled when the first have ended, and submitted again.

        Raises:
            ValueError: something was lost or made up.
        """
        self.engine.submit(asked)
        found, interrupted = dict[str, Output](), self.dice.random() < 0.25
        while ended := self.engine.step():
            found |= {output.key: output for output in ended}
            if interrupted:
                self.engine.submit(self.engine.cancel())
                interrupted = False
        if found.keys() != {one.key for one in asked}:
            raise ValueError("the outputs are not those of the sequences")
        return [found[one.key] for one in asked]

    def _weigh(self, texts: list[Scored]) -> None:
        """Have the likelihood of some texts told.

        Raises:
            ValueError: a token has none.
        """
        found = self.engine.likelihoods(texts)
        if [len(one) for one in found] != [len(one.text) for one in texts]:
            raise ValueError("the likelihoods are not those of the texts")

    def _sequence(self, prompt: tuple[int, ...], key: str, child: int) -> Sequence:
        """A child that ends at one of a few tokens, at its limit, in a form, or is one of a few options."""
        ends = frozenset(self.dice.sample(range(self.vocabulary), self.vocabulary // 64))
        sampling, limit, seed = self.dice.choice(WAYS), self.dice.randint(1, 96), self.dice.getrandbits(63)
        plain = Sequence(key, prompt, sampling, seed, limit, ends)
        match self.dice.randrange(8):
            case 0:
                texts = {self._turn(6) for _ in range(4)}
                return replace(plain, options=options([[text] for text in sorted(texts)]), max_tokens=8)
            case 1:
                most = self.dice.randint(3, 9)
                return replace(plain, form=lambda: Even(ends, self._even(), most), max_tokens=12)
            case 2:
                return replace(plain, sampling=WAYS[-1], family=Family(len(prompt), child))
            case _:
                return plain

    def _turn(self, most: int) -> tuple[int, ...]:
        """A turn of some random words."""
        words = (self.dice.randrange(2, self.vocabulary) for _ in range(self.dice.randint(1, most)))
        return (TURN, *words)

    def _even(self) -> NDArray[np.uint8]:
        return np.packbits(np.arange(self.vocabulary) % 2 == 0, bitorder="little")


def _once_short() -> Callable[[list[int]], bool]:
    """Says that memory ran out when it is asked first, and then that the text goes on."""
    faults = iter([torch.OutOfMemoryError("as asked for")])

    def stops(drawn: list[int]) -> bool:  # noqa: ARG001 - it asks nothing of the text
        for fault in faults:
            raise fault
        return False

    return stops
