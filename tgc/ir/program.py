"""The Program: a recipe with every name resolved and every default filled, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from tgc.filters.base import Filter
from tgc.formats.base import Format
from tgc.ir.level import Level
from tgc.ir.mix import Mix
from tgc.ir.model import Model


@dataclass(frozen=True, slots=True)
class Check:
    """A filter and the levels it judges, top to bottom.

    Attributes:
        by: the level whose scores it judges them by.
        embedder: the sentence-transformers model by whose vectors it compares them, where it names one.
    """

    filter: Filter
    levels: tuple[str, ...]
    by: str | None = None
    embedder: Model | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """All that a recipe says, and nothing of what already exists.

    Attributes:
        path: the recipe as the user named it.
        root: the project directory.
        text: the recipe's canonical text (what is hashed and kept with every run).
        vars: plain values that every template may use, by name.
        levels: parents before children.
    """

    name: str
    path: Path
    root: Path
    text: str
    seed: int
    vars: tuple[tuple[str, object], ...]
    levels: tuple[Level, ...]
    checks: tuple[Check, ...]
    mix: Mix
    emit: tuple[Format, ...]

    def level(self, name: str) -> Level:
        """The level of that name."""
        return next(level for level in self.levels if level.name == name)

    def path_to(self, name: str) -> tuple[Level, ...]:
        """The level of that name and its ancestors, root first."""
        level = self.level(name)
        return (*(self.path_to(level.parent) if level.parent else ()), level)

    @property
    def gated(self) -> bool:
        """Whether where it grows depends on what was written."""
        return any(level.gated for level in self.levels)

    def widened(self, branches: Mapping[str, int]) -> Self:
        """The same with other branches of some levels, by their names."""
        levels = (replace(level, branch=branches.get(level.name, level.branch)) for level in self.levels)
        return replace(self, levels=tuple(levels))

    @property
    def widest(self) -> Self:
        """The same with branches raised as far as the mix may have them raised."""
        return self.widened(dict(self.mix.refill))

    def below(self, name: str) -> tuple[Level, ...]:
        """The levels that hang directly under the one of that name."""
        return tuple(level for level in self.levels if level.parent == name)
