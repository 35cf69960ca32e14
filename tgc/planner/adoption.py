"""Early cutoff: a slot whose request is held already adopts that text, however its recipe came to ask for it."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tgc import gates, ir, prompts
from tgc.catalog import SLICE, Catalog, Filed
from tgc.errors import RecipeError
from tgc.fingerprint import Ids, head
from tgc.node import Node, Path
from tgc.planner.donors import Donors
from tgc.planner.ground import Cells, Ground, Grounds
from tgc.planner.steps import Mask

Rows = NDArray[np.intp]


class Adopter:
    """Follows the tree from the root as far as texts are known, of which it reads those that it takes.

    Those of models are known only if the catalog has an `archive`; those of values are, where it matters under
    which of them the tree grows.
    """

    def __init__(self, program: ir.Program, catalog: Catalog) -> None:
        self._program = program
        self._held = catalog.held
        self._asker = prompts.Asker(program)
        self._follows = catalog.archive is not None or (program.gated and not len(catalog.held))
        self._archive = catalog.archive or Filed(catalog.nodes)
        self._grounds = Grounds(program, self._archive)

    def adopt(self, level: ir.Level, ids: Ids, parents: Ids, stored: Mask) -> Ids:
        """For each slot of a grid the id of the node with its text: itself where stored, a donor, or 0 for none.

        A value or a map is its own donor, for its text needs no model.
        """
        donors = np.where(stored, ids, np.uint64(0))
        if not self._follows:
            return donors
        under = self._grounds.under(level, parents)
        reached = self._grounds.followed(level, under)
        if level.ask is None:
            donors[reached] = ids[reached]
        elif self._donors:
            rows = np.flatnonzero(reached & ~stored.all(axis=1))
            self._seek(level, ids, donors, rows, under)
        self._grounds.add(Ground(level, ids, donors, (donors != 0) & reached[:, np.newaxis], under))
        return donors

    def grows(self, level: ir.Level, parents: Ids) -> Mask:
        """Under which of the parents a level grows; under those of unknown text it may."""
        grows = np.ones(len(parents), dtype=np.bool_)
        if not (level.gated and self._follows):
            return grows
        under = self._grounds.under(level, parents)
        for some, paths in self._slices(
            level, np.flatnonzero(self._grounds.followed(level, under)), under, 1
        ):
            known = [path for path in paths if path is not None]
            shut = gates.rejected(self._program, level, known)
            rows = zip(parents[some].tolist(), paths, strict=True)
            grows[some] = [parent not in shut and self._may_grow(level, path) for parent, path in rows]
        return grows

    @cached_property
    def _donors(self) -> Donors:
        return Donors(self._archive.requests(), self._held)

    def _may_grow(self, level: ir.Level, path: Path | None) -> bool:
        try:
            return path is None or prompts.grows(self._program, level, path)
        except RecipeError:  # the build records why
            return True

    def _slices(
        self, level: ir.Level, rows: Rows, under: Cells, width: int
    ) -> Iterator[tuple[Rows, list[Path | None]]]:
        """Rows of a level with the paths to their parents, so many that their cells are few enough."""
        ordered = rows[self._grounds.near(level, under[rows])]
        step = max(SLICE // width, 1)
        for start in range(0, len(ordered), step):
            some = ordered[start : start + step]
            yield some, self._grounds.paths(level, under[some])

    def _seek(self, level: ir.Level, ids: Ids, donors: Ids, rows: Rows, under: Cells) -> None:
        """Fill in the donors of rows in which some are missing."""
        for some, paths in self._slices(level, rows, under, ids.shape[1]):
            if level.ask and level.ask.listed:
                donors[some] = self._items(level, ids[some], donors[some], paths)
            else:
                donors[some] = self._siblings(level, donors[some], paths)

    def _siblings(self, level: ir.Level, donors: Ids, paths: list[Path | None]) -> Ids:
        """The donors of siblings that are asked for by themselves."""
        missing = (donors == 0) & np.array([path is not None for path in paths])[:, np.newaxis]
        rows = zip(paths, missing, strict=True)
        words = [word for path, row in rows if path is not None for word in self._words(level, path, row)]
        donors[missing] = self._donors.find(np.array(words, dtype=np.uint64))
        return donors

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

    def _items(self, level: ir.Level, ids: Ids, donors: Ids, paths: list[Path | None]) -> Ids:
        """The donors of items of lists, each of which is asked for with those before it."""
        before: list[list[Node]] = [[] for _ in paths]
        going = np.array([path is not None for path in paths])
        for ordinal in range(ids.shape[1]):
            asked = np.flatnonzero(going & (donors[:, ordinal] == 0))
            words = [self._word(level, paths[row], ordinal, before[row]) for row in asked.tolist()]
            donors[asked, ordinal] = self._donors.find(np.array(words, dtype=np.uint64))
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
