"""Conversations as rows: the paths of a tree that end with an answer. Pure."""

from collections.abc import Iterator

import polars as pl

from tgc import fingerprint, ir
from tgc.dialogue import Conversation, Message

CONVERSATIONS = pl.Schema(
    [
        ("leaf_id", pl.UInt64()),
        ("level", pl.String()),
        ("path", pl.List(pl.UInt64)),  # root first
        ("stratum", pl.List(pl.String)),  # texts of the levels in `balance`
        ("subtree", pl.UInt64()),  # the node at the level that a split keeps together
        ("turns", pl.Int64()),  # a user's and the reply are one
        ("tokens", pl.Int64()),  # generated ones
        ("messages", pl.List(pl.Struct({"role": pl.String, "content": pl.String}))),
    ]
)
"""Columns of a frame of conversations."""


def conversations(program: ir.Program, nodes: pl.DataFrame) -> pl.DataFrame:
    """All conversations of a recipe's nodes: each path to an assistant's level with no assistant's below.

    They are in hash order of their leaves, whatever the order of `nodes`.
    """
    endings = [_ending(program, leaf, nodes) for leaf in _leaves(program)]
    found = pl.concat([pl.DataFrame(schema=CONVERSATIONS), *endings])
    keys = fingerprint.order(found["leaf_id"].to_numpy(), salt=str(program.seed))
    return found.with_columns(key=pl.Series(keys)).sort("key", "leaf_id").drop("key")


def strata(program: ir.Program, nodes: pl.DataFrame) -> pl.DataFrame:
    """What the mix is balanced over: each `stratum` that has nodes, with conversations or without."""
    levels = {name: program.level(name) for name in program.mix.balance}
    deepest = max(levels.values(), key=lambda level: level.depth, default=program.levels[0])
    path = program.path_to(deepest.name)
    texts = [pl.col(_column(level)).struct.field("text") for level in levels.values() if level in path]
    return _paths(path, nodes).select(stratum=_list(texts)).unique()


def spoken(rows: pl.DataFrame) -> Iterator[Conversation]:
    """The conversations of a frame, as formats take them."""
    for leaf_id, messages in rows.select("leaf_id", "messages").iter_rows():
        yield Conversation(fingerprint.spell(leaf_id), tuple(Message(**message) for message in messages))


def _leaves(program: ir.Program) -> list[ir.Level]:
    answers = [level for level in program.levels if level.speaks == "assistant"]
    inner = {above.name for level in answers for above in program.path_to(level.name)[:-1]}
    return [level for level in answers if level.name not in inner]


def _ending(program: ir.Program, leaf: ir.Level, nodes: pl.DataFrame) -> pl.DataFrame:
    """The conversations that end at one level."""
    levels = program.path_to(leaf.name)
    at = {level.name: pl.col(_column(level)).struct for level in levels}
    together = program.mix.split.by if program.mix.split else leaf.name
    said = [level for level in levels if level.speaks]
    rows = _paths(levels, nodes).select(
        leaf_id=at[leaf.name].field("node_id"),
        level=pl.lit(leaf.name),
        path=pl.concat_list([node.field("node_id") for node in at.values()]),
        stratum=_list([at[name].field("text") for name in program.mix.balance if name in at]),
        subtree=at.get(together, at[levels[0].name]).field("node_id"),
        turns=pl.lit(len(said) // 2),
        tokens=pl.sum_horizontal([at[level.name].field("completion_tokens") for level in said]),
        messages=pl.concat_list(
            [pl.struct(role=pl.lit(level.speaks), content=at[level.name].field("text")) for level in said]
        ),
    )
    return rows.cast(CONVERSATIONS)


def _paths(levels: tuple[ir.Level, ...], nodes: pl.DataFrame) -> pl.DataFrame:
    """A row per leaf, a struct per level."""
    paths = pl.DataFrame({"last": [0]}, schema={"last": pl.UInt64})
    for level in levels:
        here = nodes.filter(pl.col("level") == level.name).select(
            pl.struct("node_id", "text", pl.col("completion_tokens").fill_null(0)).alias(_column(level)),
            "parent_id",
            "node_id",
        )
        paths = (
            paths.join(here, left_on="last", right_on="parent_id").drop("last").rename({"node_id": "last"})
        )
    return paths


def _column(level: ir.Level) -> str:
    return f"at {level.name}"


def _list(columns: list[pl.Expr]) -> pl.Expr:
    return pl.concat_list(columns) if columns else pl.lit([], dtype=pl.List(pl.String))
