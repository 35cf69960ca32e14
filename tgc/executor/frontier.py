"""Where the tree can grow now: groups of siblings whose parent is there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from tgc import ir, planner
from tgc.catalog import Catalog
from tgc.fingerprint import Ids
from tgc.node import KNOWN, Node, Path
from tgc.planner.steps import Plan, Slots
from tgc.warehouse import Reader, Warehouse

CHUNK = 4096
"""Parents whose paths are read in one query: bounds memory, whatever the size of the tree."""


@dataclass(slots=True)
class Group:
    """The slots of one level under the last node of `path`, until the last of them is settled.

    Attributes:
        missing: ordinal → slot id, of those to be made.
        siblings: ordinal → node, of those that are there; filled only where siblings are picked or listed.
        chosen: ordinals picked by an earlier build, in order.
        failed: some sibling has no node, so picking has to wait for another build.
        waiting: ordinals that were put off; all of the missing, if none was begun.
    """

    level: ir.Level
    path: Path
    missing: dict[int, int]
    siblings: dict[int, Node] = field(default_factory=dict)
    chosen: tuple[int, ...] = ()
    failed: bool = False
    waiting: list[int] = field(default_factory=list)

    @property
    def listed(self) -> bool:
        """Whether siblings are items of one list."""
        return self.level.ask is not None and self.level.ask.listed

    @property
    def parent(self) -> int:
        """Id of the node above; 0 at the root."""
        return self.path[-1].id if self.path else 0


def below(plan: Plan, path: Path) -> Iterator[Group]:
    """The groups under a node that was made just now."""
    chosen = plan.chosen
    for level in plan.program.below(path[-1].level):
        if level.name not in chosen:
            continue
        slots = planner.slots(level, np.array([path[-1].id], dtype=np.uint64))
        yield Group(level, path, dict(zip(slots.ordinals.tolist(), slots.ids.tolist(), strict=True)))


def planned(plan: Plan, catalog: Catalog, warehouse: Warehouse) -> Iterator[Group]:
    """The groups that the plan found ready, deepest level first, in the order of the tree, read lazily.

    Siblings follow each other, and so do cousins, whose prompts begin alike.
    """
    for step in reversed([level for level in plan.levels if level.chosen]):
        ready, starts = step.ready, step.ready.firsts
        parents = np.concatenate([ready.parents[starts], step.unpicked])
        ends = np.append(starts[1:], np.full(len(step.unpicked) + 1, len(ready)))
        ranks = (
            _ranks(step.level, step.level.distinct, catalog) if step.level.distinct and len(parents) else {}
        )
        first = 0
        for start in range(0, len(parents), CHUNK):
            some = parents[start : start + CHUNK]
            slots = ready.where(slice(first, first := int(ends[start + len(some) - 1])))
            yield from _chunk(plan.program, step.level, some, slots, ranks, warehouse)


def paths(program: ir.Program, level: ir.Level, parents: Ids, reader: Reader) -> dict[int, Path]:
    """For each of these nodes above a level, the node and its ancestors, root first."""
    if level.parent is None:
        return {0: ()}
    names = [above.name for above in program.path_to(level.parent)]
    columns = reader.paths(parents).select("node_id", "parent_id", "depth", *KNOWN)
    rows = {row[0]: row[1:] for row in columns.iter_rows()}
    return {parent: _walk(parent, rows, names) for parent in parents.tolist()}


def _chunk(
    program: ir.Program,
    level: ir.Level,
    parents: Ids,
    ready: Slots,
    ranks: dict[int, int],
    warehouse: Warehouse,
) -> Iterator[Group]:
    above = paths(program, level, parents, warehouse)
    together = level.distinct or (level.ask and level.ask.listed)
    there = siblings(level, parents, warehouse) if together else {}
    missing: dict[int, dict[int, int]] = {parent: {} for parent in parents.tolist()}
    for slot, parent, ordinal in ready.rows():
        missing[parent][ordinal] = slot
    for parent, slots in missing.items():
        here = there.get(parent, {})
        yield Group(level, above[parent], slots, here, _chosen(here, ranks))


def _chosen(siblings: dict[int, Node], ranks: dict[int, int]) -> tuple[int, ...]:
    """Ordinals of the siblings picked by an earlier build, in the order they were picked."""
    picked = [ordinal for ordinal, node in siblings.items() if node.id in ranks]
    return tuple(sorted(picked, key=lambda ordinal: ranks[siblings[ordinal].id]))


def _walk(node_id: int, rows: dict[int, tuple[Any, ...]], names: list[str]) -> Path:  # what columns hold
    if not node_id:
        return ()
    parent, depth, *known = rows[node_id]
    return (*_walk(parent, rows, names), Node(node_id, names[depth], *known))


def siblings(level: ir.Level, parents: Ids, reader: Reader) -> dict[int, dict[int, Node]]:
    """Parent → ordinal → node, of the level's stored slots under `parents`."""
    wanted = planner.slots(level, parents).ids
    held = reader.siblings(parents).filter(pl.col("node_id").is_in(pl.Series(wanted).implode()))
    found: dict[int, dict[int, Node]] = {}
    for parent, ordinal, node_id, *known in held.select(
        "parent_id", "ordinal", "node_id", *KNOWN
    ).iter_rows():
        found.setdefault(parent, {})[ordinal] = Node(node_id, level.name, *known)
    return found


def _ranks(level: ir.Level, how: ir.Distinct, catalog: Catalog) -> dict[int, int]:
    """Node id → rank, of the siblings picked by earlier builds."""
    if (held := catalog.ranks.get(planner.selector(level, how))) is None:
        return {}
    return dict(zip(held[0].tolist(), held[1].tolist(), strict=True))
