"""Why a plan does what it does: what changed since the last build, in words."""

import json

from tgc import fingerprint, ir
from tgc.catalog import Catalog, Record


def why(level: ir.Level, catalog: Catalog, *, new: bool, parents_added: bool) -> str:
    """The reason for what a level is about to do; empty when nothing changed.

    The nearest cause is named: the level's own edit before its ancestors', an edit before what follows from it.
    """
    if not catalog.records:
        return "first build" if new else ""
    record = catalog.records.get(level.name)
    if record is None:
        return "level added"
    return _edited(level, record) or (_missing(parents_added) if new else "")


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
    }


def outputs_why(identity: str, emitted: str | None, *, grown: bool) -> dict[str, str]:
    """Why filters, mix and emit run: the first cause in the order of the pipeline."""
    before = json.loads(emitted) if emitted else {}
    reasons = {}
    cause = _nodes_why(before, json.loads(identity), grown=grown)
    for aspect, words in (
        ("filters", "filters changed"),
        ("mix", "mix changed"),
        ("emit", "outputs changed"),
    ):
        if not cause and before[aspect] != json.loads(identity)[aspect]:
            cause = words
        reasons[aspect] = cause
    return reasons


def _nodes_why(before: dict[str, str], after: dict[str, str], *, grown: bool) -> str:
    if not before:
        return "no mix yet"
    if grown:
        return "nodes added"
    return "other nodes" if before["nodes"] != after["nodes"] else ""


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


def _missing(parents_added: bool) -> str:
    return "parents added" if parents_added else "left over from the last build"
