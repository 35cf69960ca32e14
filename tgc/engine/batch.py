"""Sequences that grow side by side: what each has drawn, and which are still alive."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from tgc.engine.sampler import draw, logprobs
from tgc.engine.sequence import Output, Sequence
from tgc.sampling import Sampling


@dataclass(slots=True)
class Row:
    """One sequence and what it has drawn so far; `finish_reason` is None while it grows."""

    sequence: Sequence
    tokens: list[int] = field(default_factory=list)
    logprob: float = 0.0
    finish_reason: Literal["stop", "length"] | None = None

    def take(self, token: int, logprob: float) -> None:
        """Append a token and see whether it was the last."""
        self.tokens.append(token)
        self.logprob += logprob
        if token in self.sequence.stop_ids or (self.sequence.stops and self.sequence.stops(self.tokens)):
            self.finish_reason = "stop"
        elif len(self.tokens) == self.sequence.max_tokens:
            self.finish_reason = "length"

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
        self.rows = [Row(sequence) for sequence in sequences]
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
        tokens = draw(own, sampling, seeds, self.position, seen)
        drawn = zip(rows, tokens.tolist(), logprobs(own, tokens).tolist(), strict=True)
        for row, token, logprob in drawn:
            row.take(token, logprob)
