"""Early cutoff: a slot whose request is held already adopts that text, however its recipe came to ask for it."""

from collections.abc import Iterator

import numpy as np

from tgc import ir, prompts
from tgc.catalog import Catalog
from tgc.errors import RecipeError
from tgc.fingerprint import Ids
from tgc.node import Node, Path
from tgc.planner.steps import Mask, Slots


class Adopter:
    """Follows the tree from the root as far as texts are known; knows them only if the catalog has `nodes`."""

    def __init__(self, program: ir.Program, catalog: Catalog) -> None:
        self._program = program
        columns = catalog.nodes.select("node_id", "text", "value", "request_key").iter_rows()
        self._held: dict[int, tuple[str, str | None, str | None]] = {row[0]: row[1:] for row in columns}
        self._donors: dict[str, int] = {key: node_id for node_id, (_, _, key) in self._held.items() if key}
        self._paths: dict[int, Path] = {0: ()}

    def adopt(self, level: ir.Level, wanted: Slots, stored: Mask) -> Ids:
        """For each slot the id of the node with its text: itself where stored, a donor, or 0 for none.

        A value or a map is its own donor, for its text needs no model.
        """
        if not self._held:
            return np.where(stored, wanted.ids, np.uint64(0))
        found = [self._donor(level, *slot) for slot in _rows(wanted, stored)]
        return np.array(found, dtype=np.uint64)

    def _donor(self, level: ir.Level, slot: int, parent: int, ordinal: int, stored: bool) -> int:
        path = self._paths.get(parent)
        if path is None:
            return slot if stored else 0
        try:
            donor = slot if stored else self._find(level, slot, path, ordinal)
            if donor:
                text, data = self._text(level, donor, path, ordinal)
                self._paths[slot] = (*path, Node(slot, level.name, text, data))
        except RecipeError:  # a template that cannot be rendered from this path: the build records why
            return slot if stored else 0
        return donor

    def _find(self, level: ir.Level, slot: int, path: Path, ordinal: int) -> int:
        if isinstance(level.does, ir.Values | ir.Map):
            return slot
        return self._donors.get(prompts.request(self._program, level, path, ordinal).key, 0)

    def _text(self, level: ir.Level, donor: int, path: Path, ordinal: int) -> tuple[str, str | None]:
        match level.does:
            case ir.Values(items):
                return items[ordinal].text, items[ordinal].data
            case ir.Map(template):
                return prompts.render(self._program, template, path, ordinal), None
            case _:
                text, data, _ = self._held[donor]
                return text, data


def _rows(wanted: Slots, stored: Mask) -> Iterator[tuple[int, int, int, bool]]:
    return zip(
        wanted.ids.tolist(), wanted.parents.tolist(), wanted.ordinals.tolist(), stored.tolist(), strict=True
    )
