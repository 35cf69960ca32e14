"""Room for what a model remembers, handed out in pages of a fixed number of tokens; pure."""

import numpy as np

PAGE = 32
"""Tokens of a page. Every sum over a text's tokens runs over one page, so its rounding never depends on the
length of a text or on what is beside it."""


class Pages:
    """Which of `count` pages are free; page 0 is for what nobody reads, and is never handed out.

    Prompts are given the lowest pages that are free and texts the highest, so that each lie together.
    """

    def __init__(self, count: int) -> None:
        self._free = np.ones(count, dtype=np.bool_)
        self._free[0] = False
        self.free = count - 1
        self.count = count

    def low(self, count: int) -> tuple[int, ...]:
        """The lowest pages, in order; there are as many free."""
        return self._take(np.flatnonzero(self._free)[:count])

    def high(self) -> int:
        """The highest page; there is one free."""
        return self._take(np.flatnonzero(self._free)[-1:])[0]

    def give(self, pages: tuple[int, ...] | list[int]) -> None:
        """Take back pages that were handed out."""
        self._free[list(pages)] = True
        self.free += len(pages)

    def _take(self, pages: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> tuple[int, ...]:
        self._free[pages] = False
        self.free -= len(pages)
        return tuple(pages.tolist())


def needed(tokens: int) -> int:
    """How many pages so many tokens take.

    >>> needed(0), needed(1), needed(PAGE), needed(PAGE + 1)
    (0, 1, 1, 2)
    """
    return -(-tokens // PAGE)
