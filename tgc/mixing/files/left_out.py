"""Rows of the user's files that are fit to be read and written, and yet are left out of a mix."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MOST_NAMED = 20
"""So many rows are named of those that a file has to leave out."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was left out of a file, and why.

    Attributes:
        filtered: how many rows, by what a filter finds in them.
        duplicates: how many rows, by whose they are the same as.
        named: the first of all, by line: why.
    """

    filtered: Mapping[str, int] = field(default_factory=dict)
    duplicates: Mapping[str, int] = field(default_factory=dict)
    named: Mapping[int, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many they are together."""
        return sum((*self.filtered.values(), *self.duplicates.values()))

    def hit(self, found: Iterable[tuple[int, str]]) -> "LeftOut":
        """The same and lines with what a filter finds in them; words that it quotes are no part of the count."""
        lines = list(found)
        counts = Counter(reason.partition(": `")[0] for _, reason in lines)
        return LeftOut(_together(self.filtered, counts), self.duplicates, self._naming(lines))

    def same(self, found: Iterable[tuple[int, str, str]]) -> "LeftOut":
        """The same and lines with whose they say again, and why."""
        lines = list(found)
        counts = Counter(whose for _, whose, _ in lines)
        named = self._naming((line, why) for line, _, why in lines)
        return LeftOut(self.filtered, _together(self.duplicates, counts), named)

    def _naming(self, found: Iterable[tuple[int, str]]) -> dict[int, str]:
        both = {**dict(sorted(found)), **self.named}
        return dict(sorted(both.items())[:MOST_NAMED])


def _together(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted((Counter(counts) + Counter(more)).items()))
