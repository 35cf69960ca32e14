"""A program's tree as if it had been built: texts that are held as they are, symbols in place of the others. Pure.

A symbol stands for the text that a build would get. Two programs that would ask the same get the same symbol, so
that what an edit leaves as it is shows even where nothing has been generated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from tgc import fingerprint, gates, ir, planner, prompts
from tgc.catalog import NODES, Catalog
from tgc.errors import RecipeError
from tgc.fingerprint import Ids
from tgc.node import KNOWN, Node, Path
from tgc.planner.steps import Mask, Slots

REAL = {**NODES, "donor": pl.UInt64, "real": pl.Boolean}
"""Columns of a frame of imagined nodes: whose text each has, itself as a rule, and whether that is held."""


@dataclass(frozen=True)
class Growth:
    """The nodes of one level.

    Attributes:
        slots: their places.
        nodes: a row for each (columns of `REAL`), under the id of its slot; its text may be another's.
        kept: which of them have children.
        picked: which of them are known to be picked; of the others some are kept as if they were.
    """

    level: ir.Level
    slots: Slots
    nodes: pl.DataFrame
    kept: Mask
    picked: Mask

    @property
    def parents(self) -> Ids:
        """What the level below hangs under."""
        return self.slots.ids[self.kept]

    @cached_property
    def places(self) -> dict[int, tuple[int, Node, bool]]:
        """Parent, node and whether it is real, by id."""
        columns = self.nodes.select("node_id", "parent_id", "real", *KNOWN).iter_rows()
        return {
            node_id: (parent, Node(node_id, self.level.name, *known), real)
            for node_id, parent, real, *known in columns
        }


def grow(program: ir.Program, catalog: Catalog, *, symbols: bool) -> dict[str, Growth]:
    """The tree of a program, level by level, with its texts from the nodes of `catalog`.

    Args:
        program: what to imagine built.
        catalog: what is held.
        symbols: whether symbols are told apart, which takes some 30 µs for each; else they are all alike.
    """
    grower = _Grower(program, catalog, symbols)
    for level in program.levels:
        grower.grow(level)
    return grower.grown


class _Grower:
    def __init__(self, program: ir.Program, catalog: Catalog, symbols: bool) -> None:
        self.grown: dict[str, Growth] = {}
        self._program = program
        self._catalog = catalog
        self._symbols = symbols
        self._held = catalog.nodes.drop("level", "recipe", "ordinal", "depth", "role", "parent_id")
        keyed = catalog.nodes.drop_nulls("request_key") if symbols else catalog.nodes.head(0)
        self._donors: dict[str, int] = dict(keyed.select("request_key", "node_id").iter_rows())

    def grow(self, level: ir.Level) -> None:
        parents = self.grown[level.parent].parents if level.parent else np.zeros(1, dtype=np.uint64)
        slots = planner.slots(level, parents[self._open(level, parents)])
        nodes = self._nodes(level, slots)
        picked = _picked(level, nodes, self._catalog)
        self.grown[level.name] = Growth(level, slots, nodes, _kept(level, slots, picked), picked)

    def _open(self, level: ir.Level, parents: Ids) -> Mask:
        """Under which parents the level grows; under those of unknown text it may."""
        if not level.gated:
            return np.ones(len(parents), dtype=np.bool_)
        return np.array([self._may_grow(level, parent) for parent in parents.tolist()], dtype=np.bool_)

    def _may_grow(self, level: ir.Level, parent: int) -> bool:
        path, real = self._path(level, parent)
        try:
            return not real or gates.grows(self._program, level, path)
        except RecipeError:
            return True

    def _nodes(self, level: ir.Level, slots: Slots) -> pl.DataFrame:
        places = _frame(level, slots, self._program.name)
        held = places.join(self._held, on="node_id", how="left", maintain_order="left")
        known = held.with_columns(donor="node_id", real=pl.col("text").is_not_null())
        if known["real"].all():
            return known.select(*REAL)
        if not self._symbols and level.ask:
            return known.with_columns(text=pl.col("text").fill_null("")).select(*REAL)
        made = pl.DataFrame(
            list(self._made(level, known)),
            schema={"node_id": pl.UInt64, "donor": pl.UInt64, **{name: REAL[name] for name in _MADE}},
            orient="row",
        )
        others = made.join(
            self._held.drop("text", "value", "request_key"), left_on="donor", right_on="node_id", how="left"
        )
        rows = places.join(others, on="node_id", how="inner").select(*REAL)
        return pl.concat([known.filter("real").select(*REAL), rows]).pipe(_in_order, places)

    def _made(self, level: ir.Level, known: pl.DataFrame) -> Iterator[tuple[object, ...]]:
        """Id, donor, text, value, request key and whether it is real, of each node whose slot holds none."""
        before: dict[int, list[Node]] = {}
        columns = known.select("node_id", "parent_id", "ordinal", "text", "value", "real").iter_rows()
        for slot, parent, ordinal, text, data, real in columns:
            siblings = before.setdefault(parent, [])
            row = None if real else self._make(level, slot, parent, ordinal, siblings)
            siblings.append(
                Node(slot, level.name, str(row[2] if row else text), data if row is None else row[3])
            )
            if row is not None:
                yield row

    def _make(
        self, level: ir.Level, slot: int, parent: int, ordinal: int, before: list[Node]
    ) -> tuple[int, int, str, str | None, str | None, bool]:
        path, real = self._path(level, parent)
        try:
            match level.does:
                case ir.Values(items):
                    return slot, slot, items[ordinal].text, items[ordinal].data, None, real
                case ir.Map(template):
                    return slot, slot, prompts.mapped(self._program, template, path), None, None, real
                case _:
                    key = prompts.request(self._program, level, path, ordinal, before).key
        except RecipeError:  # what a symbol cannot stand for; a build would know
            return slot, slot, _symbol(str(slot)), None, None, False
        donor = self._donors.get(key)
        if donor is None:
            return slot, slot, _symbol(key), None, key, False
        text, data = self._texts[donor]
        return slot, donor, text, data, key, real

    @cached_property
    def _texts(self) -> dict[int, tuple[str, str | None]]:
        return {row[0]: row[1:] for row in self._held.select("node_id", "text", "value").iter_rows()}

    def _path(self, level: ir.Level, parent: int) -> tuple[Path, bool]:
        """The nodes above a slot of a level, and whether all their texts are held."""
        if level.parent is None:
            return (), True
        above, node, real = self.grown[level.parent].places[parent]
        path, rest = self._path(self._program.level(level.parent), above)
        return (*path, node), real and rest


_MADE = ("text", "value", "request_key", "real")


def _frame(level: ir.Level, slots: Slots, recipe: str) -> pl.DataFrame:
    """What is known of nodes by their places."""
    columns = {"node_id": slots.ids, "parent_id": slots.parents, "ordinal": slots.ordinals.astype(np.int64)}
    return pl.DataFrame(columns, schema={name: NODES[name] for name in columns}).with_columns(
        recipe=pl.lit(recipe),
        level=pl.lit(level.name),
        depth=pl.lit(level.depth, dtype=pl.Int64),
        role=pl.lit(level.speaks, dtype=pl.String),
    )


def _in_order(nodes: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    return (
        places.select("node_id").join(nodes, on="node_id", how="inner", maintain_order="left").select(*REAL)
    )


def _picked(level: ir.Level, nodes: pl.DataFrame, catalog: Catalog) -> Mask:
    """Which nodes were picked, be it under the id of the one whose text they have."""
    if level.distinct is None:
        return np.ones(nodes.height, dtype=np.bool_)
    known = catalog.ranks.get(planner.selector(level, level.distinct))
    if known is None:
        return np.zeros(nodes.height, dtype=np.bool_)
    ids, ranks = known
    return np.isin(nodes["donor"].to_numpy(), ids[ranks < level.branch])


def _kept(level: ir.Level, slots: Slots, picked: Mask) -> Mask:
    """The picked ones; where none was picked yet the first, for one knows no better."""
    if level.distinct is None or not len(slots):
        return picked
    groups = picked.reshape(-1, planner.draws(level))
    first = np.arange(groups.shape[1]) < level.branch
    kept: Mask = np.where(groups.any(axis=1, keepdims=True), groups, first).reshape(-1)
    return kept


def _symbol(of: str) -> str:
    return f"⟨{fingerprint.digest('symbol', of)}⟩"
