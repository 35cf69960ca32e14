"""What changes from one program to another: levels, nodes, settings, rows of the mix, and what it costs. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tgc import ir, planner, sieve
from tgc.catalog import NODES, Catalog, Filed, History
from tgc.comparison import pace, rows, settings
from tgc.comparison.growth import Growth
from tgc.comparison.pace import Time
from tgc.comparison.refilled import refill
from tgc.comparison.rows import Rows
from tgc.comparison.settings import Setting
from tgc.fingerprint import Ids
from tgc.planner import changes
from tgc.planner.steps import LevelPlan, Plan
from tgc.sieve import Embed

_UNKNOWN = History()


@dataclass(frozen=True, slots=True)
class LevelDiff:
    """How one level changes.

    Attributes:
        name: its later name, or the only one it has.
        was: its earlier name where that was another.
        why: what changed; empty when nothing did.
        kept: nodes that stay, those included that would be asked for in the very same words.
        added: nodes that there were not.
        held: of those added, the ones whose text the warehouse holds.
        orphaned: nodes that there are no more.
        tokens: the most tokens that those added and not held can generate.
    """

    name: str
    was: str | None
    why: str
    kept: int
    added: int
    held: int
    orphaned: int
    tokens: int

    @property
    def new(self) -> int:
        """Nodes to be made."""
        return self.added - self.held

    @property
    def differs(self) -> bool:
        """Whether it changes at all."""
        return bool(self.why or self.added or self.orphaned)


@dataclass(frozen=True, slots=True)
class Diff:
    """All that changes from one program to another.

    Attributes:
        levels: those of the later program, then those that are removed.
        settings: changes of filters, mix and outputs.
        rows: rows of the mix that enter and leave; None where nothing is held.
        generated: nodes that a model would be asked for.
        refill: how many more, at most, to refill the mix.
        time: how long it takes to generate the former.
    """

    levels: tuple[LevelDiff, ...]
    settings: tuple[Setting, ...]
    rows: Rows | None
    generated: int
    refill: int
    time: Time

    @property
    def differs(self) -> bool:
        """Whether anything changes; layout, comments and names do not."""
        return bool(self.settings) or any(level.differs for level in self.levels)

    @property
    def tokens(self) -> int:
        """The most tokens that the change can generate."""
        return sum(level.tokens for level in self.levels)


def compare(
    before: ir.Program,
    after: ir.Program,
    catalog: Catalog,
    history: History = _UNKNOWN,
    embed: Embed = sieve.unknown,
) -> Diff:
    """What changes from `before` to `after`, given what is held, how long earlier builds took, and vectors.

    The later program is planned as if the earlier one had been built: what that plan keeps is kept, what it would
    make is added. Both are refilled first, as far as is known.
    """
    renamed = _renamed(before, after)
    symbols = {level.fingerprint for level in before.levels} != {level.fingerprint for level in after.levels}
    old, new = (refill(program, catalog, embed, symbols=symbols) for program in (before, after))
    texts = _texts(old.grown, before, after, symbols=symbols)
    built = _built(old.grown, catalog, renamed, texts)
    plan = planner.plan(new.program, built)
    rest = planner.plan(new.program, _with(built, texts, catalog))
    changed = (_level(*pair, before, renamed) for pair in zip(plan.levels, rest.levels, strict=True))
    return Diff(
        levels=(*changed, *_removed(plan)),
        settings=settings.changes(before, after, renamed),
        rows=rows.compare(old.selected, new.selected) if catalog.nodes.height else None,
        generated=rest.new,
        refill=0 if new.settled else rest.refill,
        time=pace.time(rest, history),
    )


def _renamed(before: ir.Program, after: ir.Program) -> dict[str, str]:
    """Later names of levels by their earlier ones: what is the same goes by its fingerprint, the rest by name."""
    now = {level.fingerprint: level.name for level in after.levels}
    same = {level.name: now[level.fingerprint] for level in before.levels if level.fingerprint in now}
    free = {level.name: level for level in after.levels if level.name not in same.values()}
    named = {
        level.name: level.name for level in before.levels if level.name not in same and level.name in free
    }
    left = {level.name: level for level in before.levels if level.name not in {*same, *named}}
    other = {name: level for name, level in free.items() if name not in named.values()}
    return {**same, **named, **_alike(left, other, {**same, **named})}


def _alike(
    left: Mapping[str, ir.Level], other: Mapping[str, ir.Level], known: Mapping[str, str]
) -> dict[str, str]:
    """Of the levels with new names, those that do the same under the same parent, but for what is above it."""
    found: dict[str, str] = {}
    for name, level in left.items():
        parent = {**known, **found}.get(level.parent or "")
        for candidate, then in other.items():
            if candidate not in found.values() and parent == then.parent and _own(level) == _own(then):
                found[name] = candidate
                break
    return found


def _own(level: ir.Level) -> dict[str, str]:
    """What a level is, less what it takes from above; a template names its level's ancestors."""
    return {part: value for part, value in level.parts if part not in {"ancestors", "template", "system"}}


def _texts(
    old: Mapping[str, Growth], before: ir.Program, after: ir.Program, *, symbols: bool
) -> pl.DataFrame:
    """The nodes whose texts the plan has to know: for what is asked, and for conditions, which no symbol meets."""
    gated = before.gated or after.gated
    if not (symbols or gated):
        return pl.DataFrame(schema=NODES)
    frames = [grown.nodes.filter("real") if gated else grown.nodes for grown in old.values()]
    return pl.concat(frame.select(*NODES).cast(pl.Schema(NODES)) for frame in frames)


def _built(
    old: Mapping[str, Growth], catalog: Catalog, renamed: Mapping[str, str], nodes: pl.DataFrame
) -> Catalog:
    """What a warehouse would hold after a build of the earlier program, and nothing else."""
    named = {renamed.get(name, name): grown for name, grown in old.items()}
    return Catalog(
        held=np.unique(np.concatenate([grown.slots.ids for grown in old.values()])),
        members={name: np.sort(grown.slots.ids) for name, grown in named.items()},
        ranks=_ranks(old, catalog),
        records={name: changes.record(grown.level) for name, grown in named.items()},
        archive=Filed(nodes) if nodes.height else None,
    )


def _ranks(old: Mapping[str, Growth], catalog: Catalog) -> dict[str, tuple[Ids, Ids]]:
    """What was picked, and what is taken for picked."""
    ranks = dict(catalog.ranks)
    for grown in old.values():
        if grown.level.distinct:
            selector = planner.selector(grown.level, grown.level.distinct)
            known = ranks.get(selector, (grown.slots.ids[:0], grown.slots.ids[:0]))
            taken = grown.slots.where(grown.kept & ~grown.picked)
            ranks[selector] = (
                np.concatenate([known[0], taken.ids]),
                np.concatenate([known[1], taken.ordinals]),
            )
    return ranks


def _with(built: Catalog, texts: pl.DataFrame, catalog: Catalog) -> Catalog:
    """What a warehouse would hold after that build besides what it holds now."""
    others = catalog.nodes.filter(~pl.col("node_id").is_in(pl.Series(built.held).implode()))
    return replace(
        built,
        held=np.union1d(built.held, catalog.held),
        archive=Filed(pl.concat([texts, others.select(*NODES)])) if texts.height else None,
    )


def _level(plan: LevelPlan, rest: LevelPlan, before: ir.Program, renamed: Mapping[str, str]) -> LevelDiff:
    was = next((level for level in before.levels if renamed.get(level.name) == plan.level.name), None)
    return LevelDiff(
        name=plan.level.name,
        was=was.name if was and was.name != plan.level.name else None,
        why=plan.why,
        kept=plan.held,
        added=plan.new,
        held=plan.new - rest.new,
        orphaned=_orphaned(plan),
        tokens=rest.tokens,
    )


def _orphaned(plan: LevelPlan) -> int:
    """The nodes that nobody wants any more, less those whose texts others have adopted."""
    adopted = plan.held - len(plan.wanted)
    return max(0, plan.orphaned - adopted)


def _removed(plan: Plan) -> Iterator[LevelDiff]:
    for name, nodes in plan.removed:
        yield LevelDiff(name, None, "level removed", 0, 0, 0, nodes, 0)
