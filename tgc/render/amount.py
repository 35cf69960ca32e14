"""Amounts as people read them."""

from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from tgc.planner.estimate import Tokens

THOUSAND, MILLION = 1_000, 1_000_000
MINUTE, HOUR = 60, 3_600


def at_most(tokens: int) -> str:
    """Tokens as an upper bound, rounded up to two or three digits.

    >>> at_most(900), at_most(1_152), at_most(262_144), at_most(3_400_001)
    ('≤900', '≤1.2k', '≤263k', '≤3.5M')
    """
    return f"≤{_short(tokens, ceil)}"


def tokens(amount: "Tokens") -> str:
    """Tokens as they are known: counted, a bound, or about so many.

    >>> from tgc.planner.estimate import Tokens
    >>> tokens(Tokens(1_234, 1_234, "exact")), tokens(Tokens(1_234, 1_234, "bound"))
    ('1,234', '≤1.3k')
    >>> tokens(Tokens(950, None, "estimate")), tokens(Tokens(1_234, 9_000, "estimate"))
    ('~950', '~1.2k')
    """
    match amount.how:
        case "exact":
            return f"{amount.likely:,}"
        case "bound":
            return at_most(amount.likely)
        case "estimate":
            return f"~{_short(amount.likely, round)}"
        case _:
            assert_never(amount.how)


def lasting(seconds: float | None, gpu_hours: float | None) -> str:
    """How long something takes: of GPUs where there are any, else of the clock.

    >>> lasting(None, None), lasting(42.2, None), lasting(200, None), lasting(9_000, None)
    ('time unknown', 'about 42 s', 'about 3 min', 'about 2.5 hours')
    >>> lasting(100, 0.027), lasting(1_400, 0.389)
    ('about 2 GPU-min', 'about 0.4 GPU-hours')
    """
    if seconds is None:
        return "time unknown"
    if gpu_hours is not None:
        minutes = max(1, round(gpu_hours * 60))
        return f"about {gpu_hours:,.1f} GPU-hours" if gpu_hours >= 0.1 else f"about {minutes} GPU-min"  # noqa: PLR2004
    if seconds < MINUTE:
        return f"about {ceil(seconds)} s" if seconds < 1 else f"about {round(seconds)} s"
    return f"about {round(seconds / MINUTE)} min" if seconds < HOUR else f"about {seconds / HOUR:,.1f} hours"


def _short(tokens: int, rounded: Callable[[float], int]) -> str:
    """Two or three digits and a unit."""
    for unit, name in ((MILLION, "M"), (THOUSAND, "k")):
        if tokens >= unit:
            tenths = rounded(tokens / unit * 10)
            return f"{tenths / 10:g}{name}" if tenths < THOUSAND else f"{rounded(tokens / unit):,}{name}"
    return str(tokens)
