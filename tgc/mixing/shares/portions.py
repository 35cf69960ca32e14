"""How many rows each source gives, so that shares are shares of the whole. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Portion:
    """What is asked of a source: so many rows, or such a share of all; and how many it can give."""

    asked: int | Fraction
    available: int


def share(given: float) -> Fraction:
    """A share as its author wrote it.

    >>> share(0.1)
    Fraction(1, 10)
    """
    return Fraction(repr(given))


def portions(others: int, asked: Sequence[Portion]) -> tuple[int, ...]:
    """Rows of each source beside `others`; a share is met to the row, unless the source has too few.

    What a source lacks is not made up for by the others: their shares are met in the smaller mix.

    >>> portions(60, [Portion(20, 99), Portion(Fraction(1, 10), 99), Portion(Fraction(1, 10), 99)])
    (20, 10, 10)
    >>> portions(80, [Portion(Fraction(1, 10), 3), Portion(Fraction(1, 10), 99)])
    (3, 9)
    """
    given = {
        place: min(part.asked, part.available)
        for place, part in enumerate(asked)
        if isinstance(part.asked, int)
    }
    while True:
        shares = {place: Fraction(part.asked) for place, part in enumerate(asked) if place not in given}
        wanted = _apportioned(others + sum(given.values()), shares)
        short = {place for place, count in wanted.items() if count > asked[place].available}
        if not short:
            counts = given | wanted
            return tuple(counts[place] for place in range(len(asked)))
        given |= {place: asked[place].available for place in short}


def _apportioned(others: int, shares: Mapping[int, Fraction]) -> dict[int, int]:
    """Rows for shares of the whole that `others` are the rest of, by largest remainders (Hamilton)."""
    whole = Fraction(others) / (1 - sum(shares.values()))
    exact = {place: whole * one for place, one in shares.items()}
    counts = {place: int(one) for place, one in exact.items()}
    behind = sorted(exact, key=lambda place: counts[place] - exact[place])
    for place in behind[: round(whole) - others - sum(counts.values())]:
        counts[place] += 1
    return counts
