"""Why a plan does what it does: what changed since the last build, in words."""

import json

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


def why(level: ir.Level, catalog: Catalog, *, new: bool, parents_added: bool) -> str:
    """The reason for what a level is about to do; empty when nothing changed.

    The nearest cause is named: the level's own edit before its ancestors', an edit before what follows from it.
    """
    if not catalog.records:
        return "first build" if new else ""
    record = catalog.records.get(level.name)
    if record is None:
        return "level added"
    return _edited(level, record) or (_missing(level, parents_added) if new else "")


def record(level: ir.Level) -> Record:
    """What the next plan needs to know of a level as built now."""
    return Record(level.branch, level.parts)


def outputs(program: ir.Program) -> dict[str, str]:
    """Identity of what is done with the nodes, by aspect."""
    checks = [(check.filter.model_dump(mode="json"), check.levels) for check in program.checks]
    emitted = [output.model_dump(mode="json") for output in program.emit]
    return {
        "filters": fingerprint.digest(json.dumps(checks, sort_keys=True)),
        "mix": fingerprint.digest(repr(program.mix), str(program.seed)),
        "emit": fingerprint.digest(json.dumps(emitted, sort_keys=True)),
        "recipe": fingerprint.digest(program.text),
    }


def outputs_why(identity: str, emitted: str | None, *, grown: bool) -> dict[str, str]:
    """Why filters, mix and emit run: for each the first cause in the order of the pipeline."""
    before, after = json.loads(emitted) if emitted else {}, json.loads(identity)
    known = "no mix yet" if not before else "nodes added" if grown else ""
    changed = [(aspect, words) for aspect, words in CAUSES if before.get(aspect) != after[aspect]]
    return {step: known or _first(changed, aspects) for step, aspects in STEPS.items()}


def _first(changed: list[tuple[str, str]], aspects: tuple[str, ...]) -> str:
    return next((words for aspect, words in changed if aspect in aspects), "recipe changed")


def _edited(level: ir.Level, record: Record) -> str:
    before, after = dict(record.parts), dict(level.parts)
    edited = [name for name in after if name != "ancestors" and before.get(name) != after[name]]
    if edited:
        return ", ".join(edited) + " changed"
    if before.get("ancestors") != after.get("ancestors"):
        return "an ancestor changed"
    if record.branch == level.branch:
        return ""
    if isinstance(level.does, ir.Values):
        return f"{record.branch} → {level.branch} values"
    return (
        f"branch {'raised' if record.branch < level.branch else 'lowered'} {record.branch} → {level.branch}"
    )


def _missing(level: ir.Level, parents_added: bool) -> str:
    if parents_added:
        return "parents added"
    return "values changed" if isinstance(level.does, ir.Values) else "left over from the last build"
