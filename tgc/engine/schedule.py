"""Which sequences run together: siblings side by side, lengths alike, so that little is padded; pure."""

from collections.abc import Iterable

from tgc.engine.sequence import Sequence


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
