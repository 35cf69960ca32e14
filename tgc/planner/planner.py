"""Planning is set difference: the slots a recipe wants, less those the warehouse holds. Pure."""

import json
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from tgc import fingerprint, ir
from tgc.catalog import Catalog
from tgc.fingerprint import Ids
from tgc.planner import changes, grid
from tgc.planner.adoption import Adopter
from tgc.planner.steps import Emit, Grow, LevelPlan, Mask, Plan, Refill, Select, Sift, Slots, Step


def plan(program: ir.Program, catalog: Catalog, skipped: frozenset[str] = frozenset()) -> Plan:
    """What a build of `program` would do to a warehouse with the contents of `catalog`.

    Args:
        program: what to build.
        catalog: what there is.
        skipped: levels that are left as they are, so that only what they hold has children.

    Raises:
        ValueError: two slots share an id (about 3 in a million builds of 10 million slots); another seed helps.
    """
    adopter = Adopter(program, catalog)
    growths: dict[str | None, _Growth] = {None: _ROOT}
    for level in program.levels:
        grown = _grow(level, growths[level.parent], catalog, adopter)
        growths[level.name] = grown.settled() if level.name in skipped else grown
    levels = tuple(
        _level(level, growths, catalog, chosen=level.name not in skipped) for level in program.levels
    )
    identity = _identity(program, levels, growths)
    return Plan(
        program=program,
        levels=levels,
        steps=_steps(program, levels, identity, catalog),
        removed=_removed(program, catalog),
        identity=identity,
        strangers=len(catalog.held) > sum(len(level.wanted) for level in levels),
        lacking=sum(level.new for level in levels if level.level.ask),
    )


def draws(level: ir.Level) -> int:
    """Siblings to make per parent: `branch`, or more when the level keeps only the most distinct."""
    return ceil(level.branch * level.distinct.oversample) if level.distinct else level.branch


def slots(level: ir.Level, parents: Ids) -> Slots:
    """Every slot of `level` under `parents`, siblings together, in order."""
    ids = grid.ids(level.fingerprint, parents, _words(level))
    return grid.slots(ids, parents, np.ones(ids.shape, dtype=np.bool_))


def selector(level: ir.Level, how: ir.Distinct) -> str:
    """Identity of the way siblings are picked; branch is not in it, for a smaller one's picks stay."""
    model = how.embedder or (level.ask.model if level.ask else None)
    return fingerprint.digest("mmr", str(how.oversample), str(how.diversity), model.digest if model else "")


def picked(program: ir.Program, catalog: Catalog) -> dict[str, Ids]:
    """For every level that picks siblings, the nodes picked, ascending."""
    return {level.name: _picks(level, level.distinct, catalog) for level in program.levels if level.distinct}


def _picks(level: ir.Level, how: ir.Distinct, catalog: Catalog) -> Ids:
    ids, ranks = catalog.ranks.get(selector(level, how), (_NONE, _NONE))
    first: Ids = np.sort(ids[ranks < level.branch])
    return first


@dataclass(frozen=True, slots=True, eq=False)
class _Growth:
    """A level while planning.

    `wanted`, `held`, `missing`, `ready`, `unpicked` and `passed` are as in its `LevelPlan`, but `missing` leaves
    out what hangs below parents that are not known yet. `kept` are the slots that children hang under, as far as
    they can be told now, `kept_stored` says which of them exist, `expected` counts all that will.
    """

    wanted: Ids
    held: int
    missing: int
    orphaned: int
    ready: Slots
    fresh: Slots
    unpicked: Ids
    kept: Ids
    kept_stored: Mask
    expected: int
    passed: int

    def settled(self) -> "_Growth":
        """The level if nothing is added to it: only what is there has children."""
        there = self.kept[self.kept_stored]
        return replace(self, kept=there, kept_stored=np.ones(len(there), dtype=np.bool_), expected=len(there))


_NONE: Ids = np.empty(0, dtype=np.uint64)
_NOWHERE = Slots(_NONE, _NONE, _NONE)
_ROOT = _Growth(
    wanted=_NONE,
    held=0,
    missing=0,
    orphaned=0,
    ready=_NOWHERE,
    fresh=_NOWHERE,
    unpicked=_NONE,
    kept=np.zeros(1, dtype=np.uint64),
    kept_stored=np.ones(1, dtype=np.bool_),
    expected=1,
    passed=0,
)


def _words(level: ir.Level) -> Ids:
    """What tells siblings apart: a value's content, else the ordinal."""
    if isinstance(level.does, ir.Values):
        return np.array([fingerprint.word(item.content) for item in level.does.items], dtype=np.uint64)
    return np.arange(draws(level), dtype=np.uint64)


def _grow(level: ir.Level, above: _Growth, catalog: Catalog, adopter: Adopter) -> _Growth:
    grows = adopter.grows(level, above.kept)
    parents = above.kept[grows]
    ids = grid.ids(level.fingerprint, parents, _words(level))
    ascending = _ascending(level, ids)
    wanted = ascending[grid.among(ascending, catalog.held)]
    members = catalog.members.get(level.name, _NONE)
    stored = grid.marked(ids, wanted)
    known, passed = adopter.adopt(level, ids, parents, stored)
    there = known != 0 if level.ask else stored
    below = ~stored & above.kept_stored[grows, np.newaxis]
    ready, answered = grid.slots(ids, parents, below), known[below] != 0
    kept = _kept(level, known, catalog)
    return _Growth(
        wanted=wanted,
        held=int(there.sum()),
        missing=int((~there).sum()),
        orphaned=len(members) - int(grid.among(members, ascending).sum()),
        ready=ready,
        fresh=ready.where(~answered) if answered.any() else ready,
        unpicked=_unpicked(level, parents, stored, kept),
        kept=ids[kept],
        kept_stored=stored[kept],
        expected=(above.expected - int((~grows).sum())) * (level.branch if level.distinct else ids.shape[1]),
        passed=passed,
    )


def _ascending(level: ir.Level, ids: Ids) -> Ids:
    ascending = grid.ascending(ids)
    if (ascending[1:] == ascending[:-1]).any():
        raise ValueError(f"two slots of level `{level.name}` share an id")
    return ascending


def _kept(level: ir.Level, known: Ids, catalog: Catalog) -> Mask:
    """Which slots have children: all, or those whose text is that of a picked node."""
    if level.distinct is None:
        return np.ones(known.shape, dtype=np.bool_)
    ascending = grid.ascending(known)
    picks = ascending[grid.among(ascending, _picks(level, level.distinct, catalog))]
    return grid.marked(known, picks)


def _unpicked(level: ir.Level, parents: Ids, stored: Mask, kept: Mask) -> Ids:
    if level.distinct is None:
        return _NONE
    short = (stored & kept).sum(axis=1) < level.branch
    unpicked: Ids = parents[stored.all(axis=1) & short]
    return unpicked


def _level(
    level: ir.Level, growths: dict[str | None, _Growth], catalog: Catalog, *, chosen: bool
) -> LevelPlan:
    growth, above = growths[level.name], growths[level.parent]
    new = growth.missing + (above.expected - len(above.kept)) * len(_words(level))
    parents_added = above.expected > int(above.kept_stored.sum())
    return LevelPlan(
        level=level,
        new=new,
        held=growth.held,
        orphaned=growth.orphaned,
        tokens=new * level.ask.max_tokens if level.ask else 0,
        why=changes.why(level, catalog, new=new, orphaned=growth.orphaned, parents_added=parents_added),
        ready=growth.ready,
        unpicked=growth.unpicked,
        wanted=growth.wanted,
        fresh=growth.fresh,
        passed=growth.passed,
        chosen=chosen,
    )


def _identity(program: ir.Program, levels: tuple[LevelPlan, ...], growths: dict[str | None, _Growth]) -> str:
    distinct = [growths[level.name] for level in program.levels if level.distinct]
    picks = [np.sort(growth.kept[growth.kept_stored]) for growth in distinct]
    made_of = {
        "nodes": fingerprint.of_ids(*(level.wanted for level in levels)),
        "picks": fingerprint.of_ids(*picks),
    }
    return json.dumps({**changes.outputs(program), **made_of}, sort_keys=True)


def _steps(
    program: ir.Program, levels: tuple[LevelPlan, ...], identity: str, catalog: Catalog
) -> tuple[Step, ...]:
    chosen = tuple(level for level in levels if level.chosen)
    idle = all(level.done for level in chosen)
    waiting = catalog.emitted is not None and not all(level.done for level in levels)
    if idle and (waiting or identity == catalog.emitted):
        return ()
    why = changes.outputs_why(identity, catalog.emitted, grown=not idle)
    return (
        *(() if idle else (Grow(chosen),)),
        Sift(program.checks, why["filters"]),
        Select(program.mix, why["mix"]),
        *((_refill(program, why["mix"]),) if program.mix.refill else ()),
        Emit(tuple(output.path for output in program.emit), why["emit"]),
    )


def _refill(program: ir.Program, why: str) -> Refill:
    return Refill(program.mix.refill, _asked(program.widest) - _asked(program), why)


def _asked(program: ir.Program) -> int:
    """For how many nodes a model is asked at most, from the root on."""
    kept: dict[str | None, int] = {None: 1}
    for level in program.levels:
        kept[level.name] = kept[level.parent] * level.branch
    return sum(kept[level.parent] * draws(level) for level in program.levels if level.ask)


def _removed(program: ir.Program, catalog: Catalog) -> tuple[tuple[str, int], ...]:
    names = {level.name for level in program.levels}
    return tuple((name, len(ids)) for name, ids in sorted(catalog.members.items()) if name not in names)
