"""Adoption as it is defined: every text in memory, every slot by itself, and paths of all of them."""

import numpy as np
import polars as pl

from tgc import gates, ir, prompts
from tgc.catalog import Catalog
from tgc.errors import RecipeError
from tgc.fingerprint import Ids
from tgc.node import KNOWN, Node, Path
from tgc.planner.steps import Mask

Known = tuple[str, str | None, int | None, str | None, float | None]


class PlainAdopter:
    """In place of a `planner.adoption.Adopter`, given every node that there is."""

    def __init__(self, program: ir.Program, catalog: Catalog, nodes: pl.DataFrame) -> None:
        there = nodes.filter(pl.col("node_id").is_in(pl.Series(catalog.held).implode())).sort("node_id")
        self._program = program
        self._held: dict[int, Known] = {
            row[0]: row[1:] for row in there.select("node_id", *KNOWN).iter_rows()
        }
        keyed = there.drop_nulls("request_key").select("request_key", "node_id")
        self._donors: dict[str, int] = dict(keyed.iter_rows())
        self._paths: dict[int, Path] = {0: ()}

    def adopt(self, level: ir.Level, ids: Ids, parents: Ids, stored: Mask) -> tuple[Ids, int]:
        rows = zip(parents.tolist(), ids, stored, strict=True)
        found = [self._row(level, parent, row.tolist(), there.tolist()) for parent, row, there in rows]
        return np.array(found, dtype=np.uint64).reshape(ids.shape), 0

    def grows(self, level: ir.Level, parents: Ids) -> Mask:
        return np.array([self._may_grow(level, parent) for parent in parents.tolist()], dtype=np.bool_)

    def _may_grow(self, level: ir.Level, parent: int) -> bool:
        path = self._paths.get(parent)
        try:
            return path is None or gates.grows(self._program, level, path)
        except RecipeError:
            return True

    def _row(self, level: ir.Level, parent: int, slots: list[int], stored: list[bool]) -> list[int]:
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
            except RecipeError:
                donor = slot if there else 0
            donors.append(donor)
        return donors

    def _find(self, level: ir.Level, slot: int, path: Path, ordinal: int, before: list[Node]) -> int:
        if level.ask is None:
            return slot
        if level.ask.listed and len(before) < ordinal:
            return 0
        return self._donors.get(prompts.request(self._program, level, path, ordinal, before).key, 0)

    def _node(self, level: ir.Level, slot: int, donor: int, path: Path, ordinal: int) -> Node:
        match level.does:
            case ir.Values(items):
                return Node(slot, level.name, items[ordinal].text, items[ordinal].data)
            case ir.Map(template):
                return Node(slot, level.name, prompts.mapped(self._program, template, path))
            case _:
                return Node(slot, level.name, *self._held[donor])
