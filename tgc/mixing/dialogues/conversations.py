"""Conversations as rows: the paths of a tree that end with an answer, without what is said. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tgc import fingerprint, ir
from tgc.mixing.dialogues import endings
from tgc.mixing.dialogues.bins import to_a_power, told
from tgc.mixing.dialogues.paths import NONE, REJECTED, column, judged, names, paths
from tgc.mixing.dialogues.tree import Tree

CONVERSATIONS = pl.Schema(
    [
        ("leaf_id", pl.UInt64()),
        ("level", pl.String()),
        ("path", pl.List(pl.UInt64)),  # root first
        ("kind", pl.UInt64()),  # what it is by the keys of all margins of the mix
        ("subtree", pl.UInt64()),  # the node at the level that a split keeps together
        ("drawn", pl.Boolean()),  # whether it goes before those that repeat turns of others: `endings.drawn`
        ("turns", pl.Int64()),  # a user's and the reply are one
        ("tokens", pl.Int64()),  # generated ones, and those estimated
        ("estimated", pl.Int64()),  # of texts that no model wrote
        ("supervised_tokens", pl.Int64()),  # of answers
        ("said", pl.UInt64()),  # 64 bits of who says what
        ("stored", pl.UInt32()),  # in what order the texts of the leaves of a level are stored
        ("reason", pl.String()),  # the filter that rejected the topmost node; null where none did
    ]
)
"""Columns of a frame of conversations."""

KINDS = pl.Schema([("kind", pl.UInt64()), ("stratum", pl.List(pl.String))])
"""Kinds of conversations, and what these are by the keys of all margins of the mix."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The conversations of a tree.

    Attributes:
        rows: columns of `CONVERSATIONS`.
        kinds: which kinds there are among them (columns of `KINDS`).
    """

    rows: pl.DataFrame
    kinds: pl.DataFrame


def conversations(program: ir.Program, tree: Tree, verdicts: pl.DataFrame) -> Found:
    """All conversations of a recipe's nodes that have one of the numbers of turns it names.

    Where it names none, they are the paths to an assistant's level with no assistant's below. They are in hash
    order of their leaves, whatever the order of the nodes.
    """
    rejected = verdicts.filter(~pl.col("kept")).group_by("node_id").agg(reason=pl.col("filter").min())
    found = [_ending(program, level, tree, rejected.cast(REJECTED)) for level in endings.ends(program)]
    kinds = pl.concat([pl.DataFrame(schema=KINDS), *(ending.kinds for ending in found)])
    rows = pl.concat([pl.DataFrame(schema=CONVERSATIONS), *(ending.rows for ending in found)])
    keys = fingerprint.order(rows["leaf_id"].to_numpy(), salt=str(program.seed))
    order = pl.DataFrame({"key": keys, "leaf_id": rows["leaf_id"]}).select(pl.arg_sort_by("key", "leaf_id"))
    return Found(rows[order.to_series()], kinds.unique("kind").sort("kind"))


def strata(program: ir.Program, margin: ir.Margin, tree: Tree) -> pl.DataFrame:
    """What a margin is over, as far as levels say: each `stratum` that has nodes, with conversations or not."""
    levels = [program.level(key.level) for key in margin.keys if key.level]
    if len(levels) < len(margin.keys):
        return pl.DataFrame(schema={"stratum": pl.List(pl.String)})
    path = max((program.path_to(judged(level)) for level in levels), key=len)
    found = paths(program, path, tree, margin.keys, pl.DataFrame(schema=REJECTED))
    return found.select(*names(margin.keys)).unique().select(stratum=_list(names(margin.keys)))


def _ending(program: ir.Program, leaf: ir.Level, tree: Tree, rejected: pl.DataFrame) -> Found:
    """The conversations that end at one level."""
    levels = program.path_to(leaf.name)
    at = {level.name: column(level) for level in levels}
    together = program.mix.split.by if program.mix.split else leaf.name
    keys = [key for margin in program.mix.margins for key in margin.keys]
    found = paths(program, levels, tree, keys, rejected)
    found = found.with_columns(turns=pl.lit(endings.count(levels)), level=pl.lit(leaf.name))
    if program.mix.tells(ir.LANGUAGE):
        found = _spoken(found, leaf, tree)
    whole = {name: _whole(key) for name, key in zip(names(keys), keys, strict=True) if key.level is None}
    kinded = found.with_columns(**whole).with_columns(
        kind=pl.struct(*names(keys)).hash() if keys else pl.lit(0)
    )
    ids = {name: kinded[at[name]].to_numpy() for name in at}
    rows = kinded.with_columns(
        leaf_id=at[leaf.name],
        path=pl.concat_list(*at.values()),
        subtree=at.get(together, at[levels[0].name]),
        drawn=pl.Series(endings.drawn(program, levels, ids)),
    )
    kinds = kinded.select("kind", *names(keys)).unique("kind").select("kind", stratum=_list(names(keys)))
    return Found(rows.select(*CONVERSATIONS).cast(CONVERSATIONS), kinds.cast(KINDS))


def _whole(key: ir.Key) -> pl.Expr:
    """What a conversation is as a whole."""
    said = pl.col(str(key.field))
    if key.field == ir.TOKENS and not key.edges:
        said = to_a_power(said)
    return told(said, key).fill_null(NONE)


def _spoken(found: pl.DataFrame, leaf: ir.Level, tree: Tree) -> pl.DataFrame:
    """Conversations with the `language` of the answer with which they end."""
    tongues = tree.levels[leaf.name].select(ir.LANGUAGE, **{column(leaf): "node_id"})
    return found.join(tongues, on=column(leaf), how="left", maintain_order="left")


def _list(columns: Sequence[str]) -> pl.Expr:
    return pl.concat_list(*columns) if columns else pl.lit([], dtype=pl.List(pl.String))
