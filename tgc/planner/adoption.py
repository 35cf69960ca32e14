"""Early cutoff: a slot whose request is held already adopts that text, however its recipe came to ask for it."""

import numpy as np

from tgc import gates, ir, prompts
from tgc.catalog import Catalog, Filed
from tgc.errors import RecipeError
from tgc.fingerprint import Ids
from tgc.node import Path
from tgc.planner.ground import Ground, Grounds
from tgc.planner.seeking import Seeker, Sought
from tgc.planner.steps import Mask


class Adopter:
    """Follows the tree from the root as far as texts are known, of which it reads those that it takes.

    Those of models are known only if the catalog has an `archive`; those of values are, where it matters under
    which of them the tree grows.
    """

    def __init__(self, program: ir.Program, catalog: Catalog) -> None:
        archive = catalog.archive or Filed(catalog.nodes)
        self._program = program
        self._follows = catalog.archive is not None or (program.gated and not len(catalog.held))
        self._grounds = Grounds(program, archive)
        self._seeker = Seeker(program, self._grounds, archive, catalog)

    def adopt(self, level: ir.Level, ids: Ids, parents: Ids, stored: Mask) -> tuple[Ids, int]:
        """For each slot of a grid the id of the node with its text: itself where stored, a donor, or 0 for none.

        A value or a map is its own donor, for its text needs no model. With a `sample` in the catalog, many
        slots may be taken to have none unseen; how many those are.
        """
        donors = np.where(stored, ids, np.uint64(0))
        if not self._follows:
            return donors, 0
        under = self._grounds.under(level, parents)
        reached = self._grounds.followed(level, under)
        passed = 0
        if level.ask is None:
            donors[reached] = ids[reached]
        else:
            rows = np.flatnonzero(reached & ~stored.all(axis=1))
            donors[rows], passed = self._seeker.seek(Sought(level, ids[rows], donors[rows], under[rows]))
        self._grounds.add(Ground(level, ids, donors, (donors != 0) & reached[:, np.newaxis], under))
        return donors, passed

    def grows(self, level: ir.Level, parents: Ids) -> Mask:
        """Under which of the parents a level grows; under those of unknown text it may."""
        grows = np.ones(len(parents), dtype=np.bool_)
        if not (level.gated and self._follows):
            return grows
        under = self._grounds.under(level, parents)
        followed = np.flatnonzero(self._grounds.followed(level, under))
        for places, paths in self._grounds.slices(level, under[followed], 1):
            some = followed[places]
            known = [path for path in paths if path is not None]
            shut = gates.rejected(self._program, level, known)
            rows = zip(parents[some].tolist(), paths, strict=True)
            grows[some] = [parent not in shut and self._may_grow(level, path) for parent, path in rows]
        return grows

    def _may_grow(self, level: ir.Level, path: Path | None) -> bool:
        try:
            return path is None or prompts.grows(self._program, level, path)
        except RecipeError:  # the build records why
            return True
