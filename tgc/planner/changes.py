"""Why a plan does what it does: what changed since the last build, in words."""

import json
from collections.abc import Iterator

from tgc import fingerprint, ir
from tgc.catalog import Catalog, Record

CAUSES = (
    ("nodes", "other nodes"),
    ("picks", "other siblings picked"),
    ("filters", "filters changed"),
    ("mix", "mix changed"),
    ("emit", "outputs changed"),
)
"""What can change in the identity of a mix, in the order of the pipeline, and how it is told."""

STEPS = {
    "filters": ("nodes", "picks", "filters"),
    "mix": ("nodes", "picks", "filters", "mix"),
    "emit": ("nodes", "picks", "filters", "mix", "emit"),
}
"""The aspects on which each step after the growth of the tree depends."""

REFILLED = "refilled"
"""In what a mix is made of: of each level to refill, its branch in the recipe and in the mix."""

UNBUILT = Record(0, ())
"""What is known of a level that was there and left out of every build."""

LEFT = {
    "running": "still to come in the build that runs",
    "interrupted": "left over from an interrupted build",
    "failed": "failed in the last build",
}
"""Why nodes are missing that nothing else explains, by how the last build ended."""


def why(level: ir.Level, catalog: Catalog, *, new: int, orphaned: int, parents_added: bool) -> str:
    """The reason for what a level is about to do; empty when nothing changed.

    The nearest cause is named: the level's own edit before its ancestors', an edit before what follows from it.
    """
    if not catalog.records:
        return "first build" if new else ""
    before = catalog.records.get(level.name)
    if before is None:
        return _applied(level, catalog) or "level added"
    if before == UNBUILT:
        return "not built yet" if new else ""
    edits = _identity(level, before, catalog) or ", ".join(_beside(level, before))
    return edits or _followed(level, catalog, new=new, orphaned=orphaned, parents_added=parents_added)


def edited(level: ir.Level, catalog: Catalog) -> bool:
    """Whether the level itself, rather than what is above it, was changed since the last build."""
    before = catalog.records.get(level.name)
    return before is None or bool(_parts(level, before)) or any(_beside(level, before))


def record(level: ir.Level) -> Record:
    """What the next plan needs to know of a level as built now."""
    picking = _picking(level.distinct) if level.distinct else ""
    judges = json.dumps([judge.model_dump(mode="json") for judge in level.early], sort_keys=True)
    return Record(level.branch, level.parts, level.condition, picking, judges if level.early else "")


def outputs(program: ir.Program) -> dict[str, str]:
    """Identity of what is done with the nodes, by aspect."""
    checks = [_judging(check) for check in program.checks]
    emitted = [output.model_dump(mode="json") for output in program.emit]
    levels = [(level.name, record(level)) for level in program.levels]
    return {
        "filters": fingerprint.digest(json.dumps(checks, sort_keys=True)),
        "mix": fingerprint.digest(repr(program.mix), str(program.seed), *_embedding(program.mix)),
        "emit": fingerprint.digest(json.dumps(emitted, sort_keys=True)),
        "levels": fingerprint.digest(repr(levels)),
    }


def outputs_why(identity: str, emitted: str | None, *, grown: bool) -> dict[str, str]:
    """Why filters, mix and emit run: for each the first cause in the order of the pipeline."""
    before, after = json.loads(emitted) if emitted else {}, json.loads(identity)
    known = "no mix yet" if not before else "nodes added" if grown else ""
    changed = [(aspect, words) for aspect, words in CAUSES if before.get(aspect) != after[aspect]]
    return {step: known or _first(changed, aspects) for step, aspects in STEPS.items()}


def _first(changed: list[tuple[str, str]], aspects: tuple[str, ...]) -> str:
    return next((words for aspect, words in changed if aspect in aspects), "recipe changed")


def _judging(check: ir.Check) -> tuple[object, ...]:
    by = (check.embedder.digest,) if check.embedder else ()
    return (check.filter.model_dump(mode="json"), check.levels, *by)


def _embedding(mix: ir.Mix) -> tuple[str, ...]:
    return (mix.diverse.model.digest,) if mix.diverse and mix.diverse.model else ()


def _picking(how: ir.Distinct) -> str:
    return f"{how.oversample} {how.diversity} {how.embedder.digest if how.embedder else ''}"


def _parts(level: ir.Level, before: Record) -> list[str]:
    """The aspects of its own identity that were changed."""
    known, after = dict(before.parts), dict(level.parts)
    return [name for name in after if name != "ancestors" and known.get(name) != after[name]]


def _identity(level: ir.Level, before: Record, catalog: Catalog) -> str:
    if parts := _parts(level, before):
        return ", ".join(parts) + " changed"
    if dict(before.parts).get("ancestors") == dict(level.parts).get("ancestors"):
        return ""
    return _deepened(level, catalog) or "an ancestor changed"


def _beside(level: ir.Level, before: Record) -> Iterator[str]:
    """What was changed of a level and is not its identity."""
    after = record(level)
    if before.when != after.when:
        yield "`when` changed"
    if before.early != after.early:
        yield "early filters changed"
    if before.distinct != after.distinct:
        yield "`distinct` changed"
    if before.branch != after.branch:
        yield _widened(level, before.branch)


def _widened(level: ir.Level, before: int) -> str:
    if isinstance(level.does, ir.Values):
        return f"{before} → {level.branch} values"
    return f"branch {'raised' if before < level.branch else 'lowered'} {before} → {level.branch}"


def _applied(level: ir.Level, catalog: Catalog) -> str:
    """That a level is applied to its own output more often than before, if it is one."""
    times = _times(level, catalog)
    return f"depth raised from {times}" if times else ""


def _deepened(level: ir.Level, catalog: Catalog) -> str:
    """That the last application of a level is another one than before, if it is one."""
    above, _, place = (level.parent or "").partition(".")
    before, now = _times(level, catalog), int(place) + 1 if place and above == level.name else 1
    return "" if before == now else f"depth {'raised' if before < now else 'lowered'} {before} → {now}"


def _times(level: ir.Level, catalog: Catalog) -> int:
    """How often the last build applied a level to its own output."""
    return sum(name.partition(".")[0] == level.written for name in catalog.records)


def _followed(level: ir.Level, catalog: Catalog, *, new: int, orphaned: int, parents_added: bool) -> str:
    """The reason where the level was not edited: what is above it, or the last build."""
    if new and parents_added:
        return "parents added"
    if isinstance(level.does, ir.Values) and (new or orphaned):
        return "values changed"
    if new:
        return LEFT.get(catalog.status or "", "left over from the last build")
    return (_refilled(level, catalog) or "parents removed") if orphaned else ""


def _refilled(level: ir.Level, catalog: Catalog) -> str:
    """That the branch of the level was raised to refill the last mix, which every build does anew; if it was."""
    made = json.loads(catalog.emitted or "{}")
    _, branch = made.get(REFILLED, {}).get(level.name, (level.branch, level.branch))
    return f"to refill again: {branch} → {level.branch}" if branch > level.branch else ""
