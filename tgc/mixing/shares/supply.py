"""What a source can give: how much so many of its rows come to, and how many come to so much. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """The rows of a source in the order in which they are chosen, all of them again and again.

    Attributes:
        sums: what the first so many rows come to, from none to all of them, in what shares are of.
        most: how many rows may be taken, repeated ones included.
    """

    sums: NDArray[np.int64]
    most: int

    @property
    def available(self) -> int:
        """What all come to that may be taken."""
        return self.amount(self.most)

    def amount(self, rows: int) -> int:
        """What so many rows come to.

        >>> Supply(np.array([0, 3, 4]), most=4).amount(3)
        7
        """
        times, rest = divmod(rows, (len(self.sums) - 1) or 1)
        return times * int(self.sums[-1]) + int(self.sums[rest])

    def rows(self, amount: int) -> int:
        """How many rows come nearest to an amount, and fewer rather than more.

        >>> [Supply(np.array([0, 3, 4]), most=4).rows(amount) for amount in (1, 2, 4, 6, 7, 9)]
        [0, 1, 2, 3, 3, 4]
        """
        whole = int(self.sums[-1])
        times, rest = divmod(amount, whole or 1)
        place = int(np.searchsorted(self.sums, rest)) if whole else 0
        if place and rest - self.sums[place - 1] <= self.sums[place] - rest:
            place -= 1
        return min(times * (len(self.sums) - 1) + place, self.most) if whole else 0
