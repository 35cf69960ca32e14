"""Planning is set difference: the slots a recipe wants, less those the warehouse holds. Pure."""

import json
from dataclasses import dataclass
from math import ceil

import numpy as np

from tgc import fingerprint, ir
from tgc.catalog import Catalog
from tgc.fingerprint import Ids
from tgc.planner import changes
from tgc.planner.adoption import Adopter
from tgc.planner.steps import Emit, Grow, LevelPlan, Mask, Plan, Select, Sift, Slots, Step


def plan(program: ir.Program, catalog: Catalog) -> Plan:
    """What a build of `program` would do to a warehouse with the contents of `catalog`.

    Raises:
        ValueError: two slots share an id (about 3 in a million builds of 10 million slots); another seed helps.
    """
    adopter = Adopter(program, catalog)
    growths: dict[str | None, _Growth] = {None: _ROOT}
    for level in program.levels:
        growths[level.name] = _grow(level, growths[level.parent], catalog, adopter)
    levels = tuple(_level(level, growths, catalog) for level in program.levels)
    identity = _identity(program, levels, growths)
    return Plan(
        program=program,
        levels=levels,
        steps=_steps(program, levels, identity, catalog),
        removed=_removed(program, catalog),
        identity=identity,
        strangers=len(catalog.held) > sum(len(level.wanted) for level in levels),
    )


def draws(level: ir.Level) -> int:
    """Siblings to make per parent: `branch`, or more when the level keeps only the most distinct."""
    return ceil(level.branch * level.distinct.oversample) if level.distinct else level.branch


def slots(level: ir.Level, parents: Ids) -> Slots:
    """Every slot of `level` under `parents`, siblings together, in order."""
    words = _words(level)
    above = np.repeat(parents, len(words))
    ids = fingerprint.children(level.fingerprint, above, np.tile(words, len(parents)))
    return Slots(ids, above, np.tile(np.arange(len(words), dtype=np.uint64), len(parents)))


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

    `known` slots have a text, be it stored or adopted. `kept` are the slots that children hang under, as far as
    they can be told now, `kept_stored` says which of them exist, `expected` counts all that will.
    """

    slots: Slots
    stored: Mask
    known: Mask
    ready: Mask
    unpicked: Ids
    unknown: int
    kept: Ids
    kept_stored: Mask
    expected: int


_NONE: Ids = np.empty(0, dtype=np.uint64)
_NEVER: Mask = np.empty(0, dtype=np.bool_)
_ROOT = _Growth(
    slots=Slots(_NONE, _NONE, _NONE),
    stored=_NEVER,
    known=_NEVER,
    ready=_NEVER,
    unpicked=_NONE,
    unknown=0,
    kept=np.zeros(1, dtype=np.uint64),
    kept_stored=np.ones(1, dtype=np.bool_),
    expected=1,
)


def _words(level: ir.Level) -> Ids:
    """What tells siblings apart: a value's content, else the ordinal."""
    if isinstance(level.does, ir.Values):
        return np.array([fingerprint.word(item.content) for item in level.does.items], dtype=np.uint64)
    return np.arange(draws(level), dtype=np.uint64)


def _grow(level: ir.Level, above: _Growth, catalog: Catalog, adopter: Adopter) -> _Growth:
    grows = adopter.grows(level, above.kept)
    wanted = slots(level, above.kept[grows])
    if len(np.unique(wanted.ids)) < len(wanted):
        raise ValueError(f"two slots of level `{level.name}` share an id")
    siblings = len(_words(level))
    stored = among(wanted.ids, catalog.held)
    donors = adopter.adopt(level, wanted, stored)
    kept = _kept(level, wanted, donors, catalog)
    return _Growth(
        slots=wanted,
        stored=stored,
        known=donors != 0,
        ready=np.repeat(above.kept_stored[grows], siblings) & ~stored,
        unpicked=_unpicked(level, wanted, stored, kept),
        unknown=(above.expected - len(above.kept)) * siblings,
        kept=wanted.ids[kept],
        kept_stored=stored[kept],
        expected=(above.expected - int((~grows).sum())) * (level.branch if level.distinct else siblings),
    )


def _kept(level: ir.Level, wanted: Slots, donors: Ids, catalog: Catalog) -> Mask:
    if level.distinct is None:
        return np.ones(len(wanted), dtype=np.bool_)
    return among(donors, _picks(level, level.distinct, catalog))


def _unpicked(level: ir.Level, wanted: Slots, stored: Mask, kept: Mask) -> Ids:
    if level.distinct is None or not len(wanted):
        return _NONE
    siblings = draws(level)
    complete = stored.reshape(-1, siblings).all(axis=1)
    short = (stored & kept).reshape(-1, siblings).sum(axis=1) < level.branch
    unpicked: Ids = wanted.parents[::siblings][complete & short]
    return unpicked


def among(ids: Ids, ascending: Ids) -> Mask:
    """Which of `ids` are in `ascending`."""
    if not len(ascending):
        return np.zeros(len(ids), dtype=np.bool_)
    places = np.minimum(np.searchsorted(ascending, ids), len(ascending) - 1)
    found: Mask = ascending[places] == ids
    return found


def _level(level: ir.Level, growths: dict[str | None, _Growth], catalog: Catalog) -> LevelPlan:
    growth, above = growths[level.name], growths[level.parent]
    there = growth.known if level.ask else growth.stored
    new = int((~there).sum()) + growth.unknown
    members = catalog.members.get(level.name, _NONE)
    parents_added = above.expected > int(above.kept_stored.sum())
    return LevelPlan(
        level=level,
        new=new,
        held=int(there.sum()),
        orphaned=int((~among(members, np.sort(growth.slots.ids))).sum()),
        tokens=new * level.ask.max_tokens if level.ask else 0,
        why=changes.why(level, catalog, new=new > 0, parents_added=parents_added),
        ready=growth.slots.where(growth.ready),
        unpicked=growth.unpicked,
        wanted=np.sort(growth.slots.ids[growth.stored]),
    )


def _identity(program: ir.Program, levels: tuple[LevelPlan, ...], growths: dict[str | None, _Growth]) -> str:
    picks = [growths[level.name].kept for level in program.levels if level.distinct]
    made_of = {"nodes": _digest([level.wanted for level in levels]), "picks": _digest(picks)}
    return json.dumps({**changes.outputs(program), **made_of}, sort_keys=True)


def _digest(ids: list[Ids]) -> str:
    return fingerprint.digest(*(np.sort(some).tobytes().hex() for some in ids))


def _steps(
    program: ir.Program, levels: tuple[LevelPlan, ...], identity: str, catalog: Catalog
) -> tuple[Step, ...]:
    whole = all(level.done for level in levels)
    if whole and identity == catalog.emitted:
        return ()
    why = changes.outputs_why(identity, catalog.emitted, grown=not whole)
    return (
        *(() if whole else (Grow(levels),)),
        Sift(program.checks, why["filters"]),
        Select(program.mix, why["mix"]),
        Emit(tuple(output.path for output in program.emit), why["emit"]),
    )


def _removed(program: ir.Program, catalog: Catalog) -> tuple[tuple[str, int], ...]:
    names = {level.name for level in program.levels}
    return tuple((name, len(ids)) for name, ids in sorted(catalog.members.items()) if name not in names)
