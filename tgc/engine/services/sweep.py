"""Goes over texts of all lengths, as many at a time as there is memory for."""

from collections.abc import Callable, Sequence

import torch

TOKENS = 8192
"""Tokens that are read at once: enough to keep any device busy."""


def longest_first(lengths: Sequence[int], room: int, work: Callable[[list[int]], None]) -> None:
    """Have `work` done on the places of all texts, so many at a time that all could be as long as the longest.

    The longest come first, so that what does not fit in memory shows at once; half as many from when it does.

    Args:
        lengths: of the texts, in tokens; none is empty.
        room: tokens at a time, but for a single text that is longer.
        work: given places; what it does must bear being done again.

    Raises:
        torch.OutOfMemoryError: the device has no room for one single text.
    """
    rest = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    while rest:
        batch, longest = rest[: max(1, room // lengths[rest[0]])], lengths[rest[0]]
        if _fits(work, batch):
            del rest[: len(batch)]
        else:
            room = len(batch) // 2 * longest
            torch.cuda.empty_cache()


def _fits(work: Callable[[list[int]], None], batch: list[int]) -> bool:
    """Whether there was memory for a batch, which is done then."""
    try:
        work(batch)
    except torch.OutOfMemoryError:
        if len(batch) == 1:
            raise
        return False
    return True
