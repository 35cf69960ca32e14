"""Sequences that grow side by side: what each has drawn, and which are still alive."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tgc.engine.grammar import Form, confine
from tgc.engine.sampler import draw, logprobs
from tgc.engine.sequence import FinishReason, Output, Sequence
from tgc.sampling import Sampling


@dataclass(slots=True)
class Row:
    """One sequence and what it has drawn so far; `finish_reason` is None while it grows."""

    sequence: Sequence
    form: Form | None = None
    tokens: list[int] = field(default_factory=list)
    logprob: float = 0.0
    finish_reason: FinishReason | None = None

    def take(self, token: int, logprob: float) -> None:
        """Append a token and see whether it was the last."""
        self.tokens.append(token)
        self.logprob += logprob
        if self.form:
            self.finish_reason = self._formed(self.form, token)
        elif token in self.sequence.stop_ids or (self.sequence.stops and self.sequence.stops(self.tokens)):
            self.finish_reason = "stop"
        elif self._full:
            self.finish_reason = "length"

    def _formed(self, form: Form, token: int) -> FinishReason | None:
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
        mean = self.logprob / len(self.tokens)
        return Output(self.sequence.key, tuple(self.tokens), self.finish_reason, mean)


class Batch:
    """Rows that have drawn equally many tokens, or have finished; `rows` are those that still take part."""

    def __init__(self, sequences: Iterable[Sequence]) -> None:
        self.rows = [Row(sequence, sequence.form and sequence.form()) for sequence in sequences]
        self.position = 0

    @property
    def thin(self) -> bool:
        """Whether at least half of the rows have finished, so that shrinking pays."""
        return 2 * sum(row.finish_reason is None for row in self.rows) <= len(self.rows)

    def shrink(self) -> list[int]:
        """Drop the rows that have finished; the indices of those that stay."""
        alive = [index for index, row in enumerate(self.rows) if row.finish_reason is None]
        self.rows = [self.rows[index] for index in alive]
        return alive

    def advance(self, logits: Tensor) -> list[int]:
        """Draw a token per living row from float32 logits (rows, vocabulary).

        A finished row repeats its last token, which nobody reads.
        """
        for sampling, indices in self._alive().items():
            self._advance(logits, sampling, indices)
        self.position += 1
        return [row.tokens[-1] for row in self.rows]

    def _alive(self) -> dict[Sampling, list[int]]:
        groups = defaultdict(list)
        for index, row in enumerate(self.rows):
            if row.finish_reason is None:
                groups[row.sequence.sampling].append(index)
        return groups

    def _advance(self, logits: Tensor, sampling: Sampling, indices: list[int]) -> None:
        rows = [self.rows[index] for index in indices]
        own = logits if len(rows) == len(self.rows) else logits[indices]
        seeds = torch.tensor([row.sequence.seed for row in rows], device=logits.device)
        seen = [row.text for row in rows] if sampling.repetition_penalty != 1 else []
        open_to = confine(own, [row.form for row in rows])
        tokens = draw(open_to, sampling, seeds, torch.full_like(seeds, self.position), seen)
        drawn = zip(rows, tokens.tolist(), logprobs(own, tokens).tolist(), strict=True)
        for row, token, logprob in drawn:
            row.take(token, logprob)
