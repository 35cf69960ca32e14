"""What the engine is asked and what it answers, in tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Literal

from tgc.sampling import Sampling

if TYPE_CHECKING:
    from tgc.engine.drawing.choices import Options
    from tgc.engine.drawing.grammar import Form

FinishReason = Literal["stop", "length", "stuck"]


@dataclass(frozen=True, slots=True)
class Family:
    """Which of its siblings a sequence is: they share the noise of their first token and draw without replacement.

    Attributes:
        seed: 63 bits, the same for all siblings.
        ordinal: the sibling takes the token that comes after so many others.
    """

    seed: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A prompt to be continued.

    Attributes:
        key: returned with the output; equal keys mean equal sequences.
        prompt: token ids, at least one.
        seed: 63 bits; with the position and the token id it fixes all randomness.
        max_tokens: how many tokens may be drawn, at least one.
        stop_ids: tokens that end the sequence.
        stops: says of the tokens drawn so far whether they end the sequence; None where only `stop_ids` do.
            Not asked where there is a form.
        form: makes the form that the tokens are held to; None where any token may come.
        family: of its first token; None where that depends on `seed` alone.
        options: what the tokens are one of, drawn whole; None where they are drawn one by one. Only where
            `Engine.weighs`; none is longer than `max_tokens`.
    """

    key: str
    prompt: tuple[int, ...]
    sampling: Sampling
    seed: int
    max_tokens: int
    stop_ids: frozenset[int] = frozenset()
    stops: Callable[[list[int]], bool] | None = None
    form: "Callable[[], Form] | None" = None
    family: Family | None = None
    options: "Options | None" = None

    @property
    def remembered(self) -> int:
        """How many tokens are remembered beside the prompt, at most; the last one drawn is never read."""
        return len(self.options.tree.tokens) if self.options else self.max_tokens - 1


@dataclass(frozen=True, slots=True)
class Output:
    """How a sequence went on.

    Attributes:
        tokens: the ids drawn, the one that stopped it included.
        finish_reason: `stop` at a stop id, when `stops` said so, or where the form is complete and closed;
            `length` at `max_tokens`, unless a form is complete there; `stuck` where no token goes on in the form.
        logprobs: of each token drawn, natural log, under the model's own distribution (temperature 1).
    """

    key: str
    tokens: tuple[int, ...]
    finish_reason: FinishReason
    logprobs: tuple[float, ...]

    @property
    def mean_logprob(self) -> float:
        """The mean of the log-probabilities."""
        return fsum(self.logprobs) / len(self.logprobs)
