"""What a mix lacks, and how many more nodes of which level fill it at the rate so far. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import polars as pl

from tgc import ir
from tgc.mixing.dialogues import endings
from tgc.mixing.dialogues.tree import Tree

STEP = 2
"""By how much a branch is raised at a time, at most: the rate so far may be that of few rows."""


@dataclass(frozen=True, slots=True)
class Lack:
    """Of what there is too little.

    Attributes:
        by: the margin; None for the mix as a whole.
        stratum: which of its values.
        rows: conversations that are missing; None where a budget is of tokens.
        times: how many times as many there should be; None where there are none so far.
    """

    by: str | None
    stratum: tuple[str, ...]
    rows: int | None
    times: float | None


@dataclass(frozen=True, slots=True)
class Need:
    """How a mix that lacks something is filled, if conversations are accepted at the rate so far.

    Attributes:
        level: the deepest that can branch more and that all conversations pass.
        branch: its branch.
        wanted: the branch with which nothing is lacking; None where nothing was accepted.
        nodes: how many more of its nodes that takes.
        lacks: of the mix as a whole, and of each stratum.
        bound: how far it may branch to refill the mix; None where the recipe does not say.
    """

    level: str
    branch: int
    wanted: int | None
    nodes: int | None
    lacks: tuple[Lack, ...]
    bound: int | None = None

    @property
    def is_hopeful(self) -> bool:
        """Whether more nodes may help: not if all that is lacking are values that nothing has had so far."""
        return self.wanted is not None or any(lack.by is None for lack in self.lacks)


def need(
    program: ir.Program, tree: Tree, rows: pl.DataFrame, strata: pl.DataFrame, *, spent: bool
) -> Need | None:
    """What a mix takes that has too few rows, or too few of a stratum; None where it lacks nothing.

    Args:
        program: the recipe.
        tree: all nodes there are.
        rows: those of the mix.
        strata: its strata, with what is available, asked and achieved of each.
        spent: whether conversations were left, so that the budget is met.
    """
    found = (*(() if spent else _whole(program.mix, rows)), *_strata(strata))
    level = _raised(program)
    if level is None or not found:
        return None
    known = [lack.times for lack in found if lack.times is not None]
    wanted = max(level.branch + 1, ceil(level.branch * max(known))) if known and rows.height else None
    held = tree.levels[level.name].height
    more = None if wanted is None else ceil(held * (wanted - level.branch) / level.branch)
    bound = dict(program.mix.refill).get(level.name)
    return Need(level.name, level.branch, wanted, more, found, bound)


def wider(program: ir.Program, needed: Need | None) -> ir.Program | None:
    """The program with a higher branch of one level, if the mix needs it and `refill` allows it."""
    if needed is None or needed.bound is None or needed.branch >= needed.bound or not needed.is_hopeful:
        return None
    twice = needed.branch * STEP
    return program.widened({needed.level: min(needed.bound, twice, needed.wanted or twice)})


def _whole(mix: ir.Mix, rows: pl.DataFrame) -> Iterator[Lack]:
    if mix.tokens is not None and (there := int(rows["tokens"].sum())) < mix.tokens:
        yield Lack(None, (), None, mix.tokens / there if there else None)
    if mix.size is not None and rows.height < mix.size:
        yield Lack(None, (), mix.size - rows.height, mix.size / rows.height if rows.height else None)


def _strata(strata: pl.DataFrame) -> Iterator[Lack]:
    few = strata.filter(pl.col("available") < pl.col("asked"))
    for by, stratum, available, asked in few.select("by", "stratum", "available", "asked").iter_rows():
        yield Lack(by, tuple(stratum), asked - available, asked / available if available else None)


def _raised(program: ir.Program) -> ir.Level | None:
    """The level to branch more: of those to refill the deepest that may, or the deepest that fills most."""
    bounds = dict(program.mix.refill)
    named = [level for level in reversed(program.levels) if level.name in bounds]
    roomy = (level for level in named if level.branch < bounds[level.name])
    return next(roomy, named[0] if named else _deepest(program))


def _deepest(program: ir.Program) -> ir.Level | None:
    """Of pairs one above their answers, if there is one: of siblings that are scored they take but two."""
    ends = endings.ends(program)
    paths = [program.path_to(level.name) for level in ends]
    common = [level for level in paths[0] if all(level in path for path in paths)] if paths else []
    asked = [level for level in reversed(common) if level.ask and not level.ask.listed]
    above = [level for level in asked if level not in ends] if program.mix.pairs else []
    return next(iter((*above, *asked)), None)
