"""Rows that draw side by side, as `generate()` wants them: all alive ones have drawn equally many tokens."""

from collections.abc import Iterable

from torch import Tensor

from tgc.engine.drawing.advance import advance
from tgc.engine.drawing.row import begin
from tgc.engine.drawing.sequence import Sequence


class Batch:
    """Rows that have drawn equally many tokens, or have finished; `rows` are those that still take part."""

    def __init__(self, sequences: Iterable[Sequence]) -> None:
        self.rows = [begin(sequence) for sequence in sequences]
        self.position = 0

    @property
    def thin(self) -> bool:
        """Whether at least half of the rows have finished, so that shrinking pays."""
        return 2 * len(self._alive) <= len(self.rows)

    def shrink(self) -> list[int]:
        """Drop the rows that have finished; the indices of those that stay."""
        alive = self._alive
        self.rows = [self.rows[index] for index in alive]
        return alive

    def advance(self, logits: Tensor) -> list[int]:
        """Draw a token per living row from float32 logits (rows, vocabulary).

        A finished row repeats its last token, which nobody reads.
        """
        alive = self._alive
        own = logits if len(alive) == len(self.rows) else logits[alive]
        advance([self.rows[index] for index in alive], own)
        self.position += 1
        return [row.tokens[-1] for row in self.rows]

    @property
    def _alive(self) -> list[int]:
        return [index for index, row in enumerate(self.rows) if row.finish_reason is None]


def arrange(sequences: Iterable[Sequence]) -> list[Sequence]:
    """Longest first, so that what does not fit in memory shows at once; equal prompts next to each other."""
    return sorted(sequences, key=_place, reverse=True)


def distinct(sequences: Iterable[Sequence]) -> tuple[list[tuple[int, ...]], list[int]]:
    """The prompts without repeats, in order of appearance, and for each sequence the index of its own.

    >>> from tgc.sampling import Sampling
    >>> distinct([Sequence("a", (1, 2), Sampling(), 7, 1), Sequence("b", (1, 2), Sampling(), 8, 1)])
    ([(1, 2)], [0, 0])
    """
    prompts: dict[tuple[int, ...], int] = {}
    indices = [prompts.setdefault(sequence.prompt, len(prompts)) for sequence in sequences]
    return list(prompts), indices


def _place(sequence: Sequence) -> tuple[int, int, tuple[int, ...], str]:
    return (sequence.max_tokens, len(sequence.prompt), sequence.prompt, sequence.key)
