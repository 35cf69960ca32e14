"""How much of a file is taken, as LLaVA-NeXT's lists of data sets say it."""

import re
from dataclasses import dataclass, field
from math import ceil
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from tgc import fingerprint

Which = Literal["all", "first", "end", "random"]

WRITTEN = re.compile(r"(first|end|random):([1-9][0-9]*)(%?)")


@dataclass(frozen=True, slots=True)
class Take:
    """Which records of a file are taken.

    Attributes:
        which: all, or so many at its beginning, at its end or drawn from it.
        amount: how many.
        percent: whether that is of a hundred, rounded up.
        salt: another draws others; one more record in a file makes little difference to those drawn.
    """

    which: Which = "all"
    amount: int = 0
    percent: bool = False
    salt: str = field(default="", repr=False)

    def __str__(self) -> str:
        """As a list writes it.

        >>> str(Take("first", 50, percent=True)), str(Take())
        ('first:50%', 'all')
        """
        return "all" if self.which == "all" else f"{self.which}:{self.amount}{'%' * self.percent}"

    def among(self, count: int) -> NDArray[np.bool_]:
        """Which of so many records are taken.

        >>> Take("end", 50, percent=True).among(3).tolist()
        [False, True, True]
        """
        wanted = ceil(self.amount * count / 100) if self.percent else self.amount
        places = np.arange(count)
        match self.which:
            case "all":
                return np.ones(count, dtype=np.bool_)
            case "first":
                return places < wanted
            case "end":
                return places >= count - wanted
            case "random":
                keys = fingerprint.order(places.astype(np.uint64), salt=f"{self.salt} take")
                return np.isin(places, np.argsort(keys, kind="stable")[:wanted])


ALL = Take()


def strategy(written: str, salt: str = "") -> Take | None:
    """What a list means by a `sampling_strategy`; None if nobody knows.

    >>> strategy("random:10%"), strategy("some")
    (Take(which='random', amount=10, percent=True), None)
    """
    if written == "all":
        return ALL
    found = WRITTEN.fullmatch(written)
    if not found:
        return None
    which = next(one for one in get_args(Which) if one == found[1])
    return Take(which, int(found[2]), bool(found[3]), salt)
