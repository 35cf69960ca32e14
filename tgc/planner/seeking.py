"""Which of the slots that a level lacks ask what was answered already."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tgc import ir, prompts
from tgc.catalog import Archive, Catalog
from tgc.errors import RecipeError
from tgc.fingerprint import Ids, Parts, head
from tgc.node import Node, Path
from tgc.planner import grid
from tgc.planner.donors import Donors, Find
from tgc.planner.ground import Cells, Grounds, Rows
from tgc.planner.steps import Mask, Plan

SAMPLE = 4096
"""Slots of a level that are tried, in seconds, where looking at ten million takes minutes."""


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """Slots of a level that asks a model, under known texts, a row for each parent.

    Attributes:
        donors: the nodes with their texts, 0 where one is missing.
        under: of each row the parent's cell in the level above.
    """

    level: ir.Level
    ids: Ids
    donors: Ids
    under: Cells

    def where(self, rows: Rows) -> "Sought":
        """Some of the rows."""
        return Sought(self.level, self.ids[rows], self.donors[rows], self.under[rows])


def worthwhile(plan: Plan, archive: Archive) -> bool:
    """Whether anything in an archive may answer what a plan lacks that was made without its texts."""
    lacking = [step.level for step in plan.levels if step.new and step.level.ask]
    askers = archive.askers() if lacking else ()
    return any(_may_have(askers, level) for level in lacking)


class Seeker:
    """Finds donors.

    Args:
        program: whose levels are looked at.
        grounds: the levels above, with their texts.
        archive: what was asked, and by whom.
        catalog: which nodes count, and how many slots to try first.
    """

    def __init__(self, program: ir.Program, grounds: Grounds, archive: Archive, catalog: Catalog) -> None:
        self._grounds = grounds
        self._archive = archive
        self._held = catalog.held
        self._sample = catalog.sample
        self._asker = prompts.Asker(program)

    def seek(self, sought: Sought) -> tuple[Ids, int]:
        """The donors, those found included; and how many slots were passed over, for a sample had none."""
        if not (sought.ids.size and self._may_be_answered(sought.level)):
            return sought.donors, 0
        lacking = np.flatnonzero(sought.donors == 0)
        few = lacking[grid.spread(len(lacking), self._sample or len(lacking))]
        if len(few) < len(lacking) and not self._any(sought, few):
            return sought.donors, len(lacking) - len(few)
        return self._filled(sought, sought.donors == 0, self._donors.find), 0

    @cached_property
    def _askers(self) -> Sequence[Parts] | None:
        return self._archive.askers()

    @cached_property
    def _donors(self) -> Donors:
        return Donors(self._archive.requests(), self._held)

    def _may_be_answered(self, level: ir.Level) -> bool:
        return _may_have(self._askers, level) and bool(self._donors)

    def _any(self, sought: Sought, cells: Cells) -> bool:
        """Whether a few of the slots, given by where they are row by row, have any donor."""
        which = np.zeros(sought.donors.shape, dtype=np.bool_)
        which.flat[cells] = True
        rows = np.flatnonzero(which.any(axis=1))
        few = sought.where(rows)
        return not np.array_equal(self._filled(few, which[rows], self._donors.scan), few.donors)

    def _filled(self, sought: Sought, which: Mask, find: Find) -> Ids:
        """The donors, with those that are found for `which` of the slots."""
        donors = sought.donors.copy()
        for rows, paths in self._grounds.slices(sought.level, sought.under, donors.shape[1]):
            some = sought.where(rows)
            if sought.level.ask and sought.level.ask.listed:
                donors[rows] = self._items(some, paths, find)
            else:
                donors[rows] = self._siblings(some, paths, which[rows], find)
        return donors

    def _siblings(self, some: Sought, paths: list[Path | None], which: Mask, find: Find) -> Ids:
        """The donors of siblings that are asked for by themselves."""
        missing = which & np.array([path is not None for path in paths])[:, np.newaxis]
        rows = zip(paths, missing, strict=True)
        words = [
            word for path, row in rows if path is not None for word in self._words(some.level, path, row)
        ]
        some.donors[missing] = find(np.array(words, dtype=np.uint64))
        return some.donors

    def _words(self, level: ir.Level, path: Path, missing: Mask) -> list[int]:
        """What the missing ones of siblings are asked, in 64 bits; 0 where that cannot be rendered."""
        ordinals = np.flatnonzero(missing).tolist()
        if level.decided is None:
            return [word for ordinal in ordinals for word in self._alike(level, path, [ordinal])]
        return self._alike(level, path, ordinals)

    def _alike(self, level: ir.Level, path: Path, ordinals: list[int]) -> list[int]:
        """The same of siblings that are asked alike."""
        try:
            return self._asker.words(level, path, ordinals)
        except RecipeError:  # the build records why
            return [0] * len(ordinals)

    def _items(self, some: Sought, paths: list[Path | None], find: Find) -> Ids:
        """The donors of items of lists, each of which is asked for with those before it."""
        level, ids, donors = some.level, some.ids, some.donors
        before: list[list[Node]] = [[] for _ in paths]
        going = np.array([path is not None for path in paths])
        for ordinal in range(ids.shape[1]):
            asked = np.flatnonzero(going & (donors[:, ordinal] == 0))
            words = [self._word(level, paths[row], ordinal, before[row]) for row in asked.tolist()]
            donors[asked, ordinal] = find(np.array(words, dtype=np.uint64))
            going &= donors[:, ordinal] != 0
            here = np.flatnonzero(going)
            if not len(here):
                break
            nodes = self._grounds.donated(level, ids[here, ordinal], donors[here, ordinal])
            for row, node in zip(here.tolist(), nodes, strict=True):
                before[row] += [node] if node else []
                going[row] = node is not None
        return donors

    def _word(self, level: ir.Level, path: Path | None, ordinal: int, before: list[Node]) -> int:
        try:
            return head(self._asker.request(level, path, ordinal, before).key) if path is not None else 0
        except RecipeError:  # the build records why
            return 0


def _may_have(askers: Sequence[Parts] | None, level: ir.Level) -> bool:
    """Whether one of these levels may have asked what `level` asks; where they are not known, one may."""
    return askers is None or any(prompts.alike(level, parts) for parts in askers)
