"""What a model was asked for a node, made again from what the run that wrote it has recorded."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from tgc import fingerprint, ir, lock, lower, prompts, source
from tgc.backends.base import Request
from tgc.catalog import Record, Run
from tgc.errors import UsageError
from tgc.lower import identity
from tgc.node import KNOWN, Node
from tgc.project import Project

KEPT = ("name", "seed", "vars", "model", "models", "sampling", "limits")
"""What of a recipe says how a level's prompts are made, beside the level and those above it."""

Told = Mapping[str, object]
"""What a recipe says of a level."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request made again.

    Attributes:
        exact: whether it is the very one: its key is the node's, and a key is a digest of all that is sent.
    """

    request: Request
    model: ir.Model
    exact: bool


def asked(path: pl.DataFrame, siblings: pl.DataFrame, run: Run, recipe: Path, home: Project) -> Asked:
    """What was asked for the last node of a path, by the recipe and the templates that its run has kept.

    Data that examples are drawn from and models are those of today: whether that matters, the key says.

    Args:
        path: a node that a model wrote and its ancestors, root first (columns of `NODES`).
        siblings: as `alike` gives them.
        run: the run that wrote it.
        recipe: where the recipe is, or would be: what it names lies beside it.
        home: the project.

    Raises:
        RecipeError: a model or examples are not there any more, or a template cannot be filled.
        UsageError: the run does not know the node's levels.
    """
    node = path.row(-1, named=True)
    names = _names(run.records, node["level"])
    program = _program(run, _told(run.records, names, path), recipe, home)
    level = program.level(node["level"])
    if level.ask is None or len(names) != path.height:
        raise UsageError(f"run {run.run_id} asked no model for the level `{level.name}`")
    above = tuple(_nodes(path[:-1], names))
    before = siblings.filter(pl.col("ordinal") < node["ordinal"]) if level.ask.listed else siblings.clear()
    items = tuple(_nodes(before, [level.name] * before.height))
    request = prompts.request(program, level, above, node["ordinal"], items)
    return Asked(request, level.ask.model, request.key == node["request_key"])


def alike(siblings: pl.DataFrame, name: str, run: Run | None) -> pl.DataFrame:
    """The nodes of a level as a run knew it, by ordinal: those in its slots, not what an edit has left behind.

    Args:
        siblings: what is held under one parent (columns of `NODES`).
        name: of the level.
        run: None where it is unknown.
    """
    named = siblings.filter(pl.col("level") == name).sort("ordinal", "node_id")
    record = run.records.get(name) if run else None
    if record is None:
        return named
    ordinals = named["ordinal"].cast(pl.UInt64).to_numpy()
    slots = fingerprint.children(identity.fingerprint(record.parts), named["parent_id"].to_numpy(), ordinals)
    placed = named.filter(np.equal(slots, named["node_id"].to_numpy()))
    return placed if placed.height else named  # a value is placed by what it says


def _names(records: Mapping[str, Record], name: str) -> list[str]:
    """What a level and those above it were called in a run, root first."""
    levels = {identity.fingerprint(record.parts): name for name, record in records.items()}
    found: list[str] = []
    above: str | None = name
    while above is not None:
        if above not in records:
            raise UsageError(f"its run knows no level `{above}`")
        found.insert(0, above)
        parent = dict(records[above].parts).get("ancestors", "")
        above = levels.get(parent, parent) if parent else None
    return found


def _told(records: Mapping[str, Record], names: Sequence[str], path: pl.DataFrame) -> dict[str, Told]:
    """By each level of a path what stands in place of what its recipe says, for what it says may not be all.

    Data is what is held of it, as a list of one: the file it came from may have changed. The fields of an answer
    are in the order in which they were asked for.
    """
    columns = path.select("text", "value").iter_rows()
    told: dict[str, Told] = {}
    for name, (text, data) in zip(names, columns, strict=False):
        answers = dict(records[name].parts).get("answers", "null")
        value = text if data is None else json.loads(data)
        told[name.partition(".")[0]] = {"values": [value], "answers": json.loads(answers)}
    return told


def _program(run: Run, told: Mapping[str, Told], recipe: Path, home: Project) -> ir.Program:
    """The levels of one path as a recipe of their own."""
    said = json.loads(run.text)
    tree = {name: _level(said["tree"][name], instead) for name, instead in told.items()}
    kept = {key: said[key] for key in KEPT if key in said}
    document = source.parse(json.dumps({**kept, "tree": tree}, ensure_ascii=False), str(recipe))
    locked = lock.beside(recipe)
    with TemporaryDirectory(prefix="tgc-") as folder:
        _write(run.templates, Path(folder))
        search = (Path(folder), *home.templates)
        around = lower.Around(home.root, search, pins=locked.pins if locked else {})
        return lower.from_document(document, around).program


def _level(said: Told, instead: Told) -> Told:
    """A level as its recipe says, but for some keys, under the one above."""
    return {key: instead.get(key, given) for key, given in said.items() if key != "under"}


def _write(templates: Mapping[str, str], folder: Path) -> None:
    for name, text in templates.items():
        path = folder / name
        if path.resolve().is_relative_to(folder.resolve()):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())


def _nodes(rows: pl.DataFrame, levels: Sequence[str]) -> Iterator[Node]:
    for level, (node_id, *known) in zip(levels, rows.select("node_id", *KNOWN).iter_rows(), strict=False):
        yield Node(node_id, level, *known)
