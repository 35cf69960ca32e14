"""Which part of a tree is drawn, and what its levels come to. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

SHOWN = 3
"""How many of many siblings are drawn; one more is drawn as itself, for a line saying so would be as long."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many nodes there are, and what became of them.

    Attributes:
        held: all of them.
        kept: those that no filter rejected, nor anything above them.
        rejected: how many each filter rejected, in the order of their names.
    """

    held: int
    kept: int
    rejected: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Twig:
    """A node that is drawn.

    Attributes:
        rejected: the filter that rejected it, if one did.
        branches: what hangs below, as far as it is drawn.
        hidden: how many nodes hang below that are not drawn since they are too deep.
    """

    node_id: int
    rejected: str | None = None
    branches: tuple["Branch", ...] = ()
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """The nodes of one level under one parent, and the first of them."""

    level: str
    counts: Counts
    twigs: tuple[Twig, ...]

    @property
    def more(self) -> int:
        """How many are not drawn."""
        return self.counts.held - len(self.twigs)


def judged(outline: pl.DataFrame) -> pl.DataFrame:
    """The same nodes in the order of the tree, with `kept`: whether neither they nor any above were rejected.

    Args:
        outline: columns `node_id`, `parent_id`, `level`, `depth`, `ordinal`, `judged` and `rejected`.
    """
    found = [outline.clear().with_columns(kept=pl.lit(True))]
    above = pl.Series([0], dtype=pl.UInt64)
    for nodes in outline.sort("depth", "ordinal", "node_id").partition_by("depth"):
        fine = pl.col("rejected").is_null() & pl.col("parent_id").is_in(above.implode())
        found.append(nodes.with_columns(kept=fine))
        above = found[-1].filter("kept")["node_id"]
    return pl.concat(found)


def below(nodes: pl.DataFrame, root: int) -> pl.DataFrame:
    """A node and all that hangs below it; everything for the root, 0."""
    if not root:
        return nodes
    found = [nodes.filter(pl.col("node_id") == root)]
    while found[-1].height:
        found.append(
            nodes.join(found[-1].select("node_id"), left_on="parent_id", right_on="node_id", how="semi")
        )
    return pl.concat(found)


def totals(nodes: pl.DataFrame, levels: Sequence[str]) -> tuple[tuple[str, Counts], ...]:
    """What each level comes to, in that order; levels without a node are left out."""
    return tuple((level, _counts(some)) for level, some in _by_level(nodes, levels))


def twig(nodes: pl.DataFrame, root: int, levels: Sequence[str], depth: int) -> Twig:
    """A node with what is drawn below it; the root, 0, is above all nodes.

    Args:
        nodes: as `judged` gives them.
        root: the node.
        levels: names in the order of the tree.
        depth: how many generations are drawn.
    """
    return _twig(nodes, root, said(nodes, root, "rejected"), levels, depth)


def said(nodes: pl.DataFrame, node_id: int, column: str) -> str | None:
    """What a column of text says of a node."""
    return next(iter(nodes.filter(pl.col("node_id") == node_id)[column]), None)


def drawn(top: Twig) -> Iterator[int]:
    """The ids of all nodes that are drawn, top to bottom."""
    yield top.node_id
    for branch in top.branches:
        for inner in branch.twigs:
            yield from drawn(inner)


def _twig(nodes: pl.DataFrame, node_id: int, rejected: str | None, levels: Sequence[str], depth: int) -> Twig:
    if not depth:
        return Twig(node_id, rejected, hidden=below(nodes, node_id).height - 1)
    children = _by_level(nodes.filter(pl.col("parent_id") == node_id), levels)
    branches = (_branch(nodes, level, some, levels, depth) for level, some in children)
    return Twig(node_id, rejected, tuple(branches))


def _branch(nodes: pl.DataFrame, level: str, own: pl.DataFrame, levels: Sequence[str], depth: int) -> Branch:
    shown = own if own.height <= SHOWN + 1 else own[:SHOWN]
    rows = shown.select("node_id", "rejected").iter_rows()
    twigs = (_twig(nodes, node_id, rejected, levels, depth - 1) for node_id, rejected in rows)
    return Branch(level, _counts(own), tuple(twigs))


def _by_level(nodes: pl.DataFrame, levels: Sequence[str]) -> list[tuple[str, pl.DataFrame]]:
    """The nodes of each level, in the order of the levels; of unknown ones last."""
    places = {level: place for place, level in enumerate(levels)}
    parts = ((str(level), some) for (level,), some in nodes.partition_by("level", as_dict=True).items())
    return sorted(parts, key=lambda part: (places.get(part[0], len(places)), part[0]))


def _counts(nodes: pl.DataFrame) -> Counts:
    rejected = nodes.drop_nulls("rejected").group_by("rejected").len().sort("rejected")
    return Counts(nodes.height, int(nodes["kept"].sum()), tuple(rejected.iter_rows()))
