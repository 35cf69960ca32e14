"""Early cutoff: a slot whose request is held already adopts that text, however its recipe came to ask for it."""

import numpy as np

from tgc import gates, ir, prompts
from tgc.catalog import Catalog
from tgc.errors import RecipeError
from tgc.fingerprint import Ids
from tgc.node import KNOWN, Node, Path
from tgc.planner.steps import Mask

_Known = tuple[str, str | None, int | None, str | None, float | None]


class Adopter:
    """Follows the tree from the root as far as texts are known.

    Those of models are known only if the catalog has `nodes`; those of values are, where it matters under which of
    them the tree grows.
    """

    def __init__(self, program: ir.Program, catalog: Catalog) -> None:
        self._program = program
        self._asker = prompts.Asker(program)
        rows = catalog.nodes.select("node_id", *KNOWN).iter_rows()
        self._held: dict[int, _Known] = {row[0]: row[1:] for row in rows}
        keyed = catalog.nodes.drop_nulls("request_key").select("request_key", "node_id")
        self._donors: dict[str, int] = dict(keyed.iter_rows())
        self._follows = bool(self._held) or (program.gated and not len(catalog.held))
        self._paths: dict[int, Path] = {0: ()}

    def adopt(self, level: ir.Level, ids: Ids, parents: Ids, stored: Mask) -> Ids:
        """For each slot of a grid the id of the node with its text: itself where stored, a donor, or 0 for none.

        A value or a map is its own donor, for its text needs no model.
        """
        if not self._follows:
            return np.where(stored, ids, np.uint64(0))
        rows = zip(parents.tolist(), ids, stored, strict=True)
        found = [self._donors_of(level, parent, row.tolist(), there.tolist()) for parent, row, there in rows]
        return np.array(found, dtype=np.uint64).reshape(ids.shape)

    def grows(self, level: ir.Level, parents: Ids) -> Mask:
        """Under which of the parents a level grows; under those of unknown text it may."""
        if not level.gated:
            return np.ones(len(parents), dtype=np.bool_)
        known = [path for parent in parents.tolist() if (path := self._paths.get(parent))]
        shut = gates.rejected(self._program, level, known)
        grows = [parent not in shut and self._may_grow(level, parent) for parent in parents.tolist()]
        return np.array(grows, dtype=np.bool_)

    def _may_grow(self, level: ir.Level, parent: int) -> bool:
        path = self._paths.get(parent)
        try:
            return path is None or prompts.grows(self._program, level, path)
        except RecipeError:  # the build records why
            return True

    def _donors_of(self, level: ir.Level, parent: int, slots: list[int], stored: list[bool]) -> list[int]:
        """The donors of siblings."""
        path = self._paths.get(parent)
        if path is None:
            return [slot if there else 0 for slot, there in zip(slots, stored, strict=True)]
        donors: list[int] = []
        before: list[Node] = []
        for ordinal, (slot, there) in enumerate(zip(slots, stored, strict=True)):
            try:
                donor = slot if there else self._find(level, slot, path, ordinal, before)
                if donor:
                    node = self._node(level, slot, donor, path, ordinal)
                    self._paths[slot] = (*path, node)
                    before.append(node)
            except RecipeError:  # a template that cannot be rendered from this path: the build records why
                donor = slot if there else 0
            donors.append(donor)
        return donors

    def _find(self, level: ir.Level, slot: int, path: Path, ordinal: int, before: list[Node]) -> int:
        if isinstance(level.does, ir.Values | ir.Map):
            return slot
        if level.ask and level.ask.listed and len(before) < ordinal:
            return 0
        if not self._donors:
            return 0
        return self._donors.get(self._asker.request(level, path, ordinal, before).key, 0)

    def _node(self, level: ir.Level, slot: int, donor: int, path: Path, ordinal: int) -> Node:
        match level.does:
            case ir.Values(items):
                return Node(slot, level.name, items[ordinal].text, items[ordinal].data)
            case ir.Map(template):
                return Node(slot, level.name, prompts.mapped(self._program, template, path))
            case _:
                return Node(slot, level.name, *self._held[donor])
