"""Whose a node is: a set of recipes and levels, by a number. Most nodes have one of a few sets. Pure."""

from collections.abc import Callable, Iterable, Mapping

import polars as pl

Owners = frozenset[tuple[str, str]]
"""Recipes, each with what the node's level is called there."""

NAMED = {"owners": pl.Int64, "recipe": pl.String, "level": pl.String}
MOVED = {"before": pl.Int64, "after": pl.Int64}


class Book:
    """The sets that have a number; 0 is that of nobody.

    Args:
        known: columns of `NAMED`, a row for every pair in a set.
    """

    def __init__(self, known: pl.DataFrame) -> None:
        sets: dict[int, set[tuple[str, str]]] = {0: set()}
        for number, recipe, level in known.select(*NAMED).iter_rows():
            sets.setdefault(number, set()).add((recipe, level))
        self._sets: Mapping[int, Owners] = {number: frozenset(pairs) for number, pairs in sets.items()}
        self._numbers = {pairs: number for number, pairs in self._sets.items()}
        self._fresh: dict[Owners, int] = {}

    def number(self, owners: Owners) -> int:
        """The number of a set; a set without one gets the next."""
        if owners in self._numbers:
            return self._numbers[owners]
        return self._fresh.setdefault(owners, max(self._sets) + len(self._fresh) + 1)

    def moved(self, numbers: Iterable[int], change: Callable[[Owners], Owners]) -> pl.DataFrame:
        """Which of these sets become which others (columns of `MOVED`)."""
        rows = [(number, self.number(change(self._sets[number]))) for number in numbers]
        return pl.DataFrame([row for row in rows if row[0] != row[1]], schema=MOVED, orient="row")

    @property
    def fresh(self) -> pl.DataFrame:
        """The sets that have got a number since (columns of `NAMED`)."""
        rows = [(number, *pair) for owners, number in self._fresh.items() for pair in sorted(owners)]
        return pl.DataFrame(rows, schema=NAMED, orient="row")
