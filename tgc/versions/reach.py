"""Which of the nodes held somebody still needs. Pure."""

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from tgc import fingerprint, ir, planner
from tgc.catalog import Catalog, Record
from tgc.fingerprint import Ids
from tgc.lower import identity

NONE: Ids = np.empty(0, dtype=np.uint64)


def reached(program: ir.Program, catalog: Catalog) -> Ids:
    """The nodes held that a recipe wants: all draws of its levels under what it keeps, ascending."""
    program = program.widest
    picked = planner.picked(program, catalog)
    parents: dict[str | None, Ids] = {None: np.zeros(1, dtype=np.uint64)}
    found = [NONE]
    for level in program.levels:
        held = np.intersect1d(planner.slots(level, parents[level.parent]).ids, catalog.held)
        found.append(held)
        parents[level.name] = np.intersect1d(held, picked[level.name]) if level.distinct else held
    return union(found)


def drawn(cited: pl.DataFrame, siblings: pl.DataFrame, levels: Mapping[int, Mapping[str, Record]]) -> Ids:
    """The siblings from among which nodes were picked: without them a build would draw, and pick, anew.

    Args:
        cited: picked nodes (columns of `NODES`).
        siblings: all nodes held under the same parents (columns of `NODES`).
        levels: what each run knew of its levels, by its id; a node's fingerprint follows from what its run knew.
    """
    found = [NONE]
    for (run_id, name), nodes in cited.partition_by("run_id", "level", as_dict=True).items():
        record = levels.get(run_id, {}).get(name)
        if record is not None:
            near = siblings.join(nodes.select("parent_id"), on="parent_id", how="semi")
            found.append(_placed(near, identity.fingerprint(record.parts)))
    return union(found)


def union(sets: Iterable[Ids]) -> Ids:
    """The ids in any of some sets, ascending."""
    return np.unique(np.concatenate([NONE, *sets]))


def _placed(nodes: pl.DataFrame, level: str) -> Ids:
    """The nodes whose ids are those of slots of the level with that fingerprint."""
    ids, parents = nodes["node_id"].to_numpy(), nodes["parent_id"].to_numpy()
    slots = fingerprint.children(level, parents, nodes["ordinal"].cast(pl.UInt64).to_numpy())
    same: Ids = ids[ids == slots]
    return same
