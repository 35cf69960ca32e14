"""Amounts as people read them."""

from math import ceil

THOUSAND, MILLION = 1_000, 1_000_000


def at_most(tokens: int) -> str:
    """Tokens as an upper bound, rounded up to two or three digits.

    >>> at_most(900), at_most(1_152), at_most(262_144), at_most(3_400_001)
    ('≤900', '≤1.2k', '≤263k', '≤3.5M')
    """
    for unit, name in ((MILLION, "M"), (THOUSAND, "k")):
        if tokens >= unit:
            tenths = ceil(tokens / unit * 10)
            return f"≤{tenths / 10:g}{name}" if tenths < THOUSAND else f"≤{ceil(tokens / unit):,}{name}"
    return f"≤{tokens}"
