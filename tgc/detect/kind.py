"""One kind of thing to find in texts: where it may be, and how often it is there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing to find.

    Attributes:
        name: lower-case letters and `_`.
        hint: a regular expression of polars, found in every text that has such a thing; texts without it are
            not looked at in Python.
        count: how many of them a text holds; can be pickled.
    """

    name: str
    hint: str
    count: Callable[[str], int]


def certain(match: re.Match[str]) -> bool:
    """That a match needs no further check."""
    return bool(match)


def by_pattern(name: str, hint: str, pattern: str, holds: Callable[[re.Match[str]], bool] = certain) -> Kind:
    """The matches of a pattern (of Python's `re`, ASCII classes) that `holds` is true of."""
    return Kind(name, hint, partial(_matches, regex=re.compile(pattern, re.ASCII), holds=holds))


def _matches(text: str, regex: re.Pattern[str], holds: Callable[[re.Match[str]], bool]) -> int:
    return sum(map(holds, regex.finditer(text)))
