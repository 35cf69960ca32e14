"""A sequence as it grows: what it has drawn, and whether that was all; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tgc.engine.drawing.sequence import FinishReason, Output, Sequence

if TYPE_CHECKING:
    from tgc.engine.drawing.grammar import Form


@dataclass(slots=True)
class Row:
    """One sequence and what it has drawn so far; `finish_reason` is None while it grows."""

    sequence: Sequence
    form: "Form | None" = None
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish_reason: FinishReason | None = None

    def take(self, token: int, logprob: float) -> None:
        """Append a token and see whether it was the last."""
        self.tokens.append(token)
        self.logprobs.append(logprob)
        if self.form:
            self.finish_reason = self._formed(self.form, token)
        elif token in self.sequence.stop_ids or (self.sequence.stops and self.sequence.stops(self.tokens)):
            self.finish_reason = "stop"
        elif self._full:
            self.finish_reason = "length"

    def choose(self, tokens: Iterable[int], logprobs: Iterable[float]) -> None:
        """Have all of an answer at once."""
        self.tokens, self.logprobs = list(tokens), list(logprobs)
        self.finish_reason = "stop"

    def _formed(self, form: "Form", token: int) -> FinishReason | None:
        ended = token in self.sequence.stop_ids
        if not ended:
            form.take(token)
        if form.complete and (ended or form.closed or self._full):
            return "stop"
        if ended or form.closed:
            return "stuck"
        return "length" if self._full else None

    @property
    def _full(self) -> bool:
        return len(self.tokens) == self.sequence.max_tokens

    @property
    def text(self) -> tuple[int, ...]:
        """The prompt and what was drawn after it."""
        return (*self.sequence.prompt, *self.tokens)

    @property
    def output(self) -> Output:
        """The answer of a row that has finished."""
        assert self.finish_reason is not None
        return Output(self.sequence.key, tuple(self.tokens), self.finish_reason, tuple(self.logprobs))


def begin(sequence: Sequence) -> Row:
    """A row that has drawn nothing yet."""
    return Row(sequence, sequence.form and sequence.form())
