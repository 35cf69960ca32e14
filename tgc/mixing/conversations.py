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
    levels = [program.level(name) for name in program.mix.balance]
    spines = [program.path_to(_judged(level)) for level in levels]
    path = max(spines, key=len, default=program.levels[:1])
    texts = [_text(level) for level in levels if _judged(level) in {above.name for above in path}]
    return _paths(path, nodes, _judges(levels, path)).select(stratum=_list(texts)).unique()


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
    balance = [program.level(name) for name in program.mix.balance]
    rows = _paths(levels, nodes, _judges(balance, levels)).select(
        leaf_id=at[leaf.name].field("node_id"),
        level=pl.lit(leaf.name),
        path=pl.concat_list([node.field("node_id") for node in at.values()]),
        stratum=_list([_text(level) for level in balance if _judged(level) in at]),
        subtree=at.get(together, at[levels[0].name]).field("node_id"),
        turns=pl.lit(len(said) // 2),
        tokens=pl.sum_horizontal([at[level.name].field("completion_tokens") for level in said]),
        messages=pl.concat_list(
            [pl.struct(role=pl.lit(level.speaks), content=at[level.name].field("text")) for level in said]
        ),
    )
    return rows.cast(CONVERSATIONS)


def _judged(level: ir.Level) -> str:
    """The level itself, or the one that it scores."""
    return level.parent if isinstance(level.does, ir.Score) and level.parent else level.name


def _judges(levels: list[ir.Level], path: tuple[ir.Level, ...]) -> list[ir.Level]:
    """Those that score a level of `path`."""
    names = {level.name for level in path}
    return [level for level in levels if isinstance(level.does, ir.Score) and level.parent in names]


def _text(level: ir.Level) -> pl.Expr:
    """The text of a path at a level; `-` where the path was not scored."""
    return pl.col(_column(level)).struct.field("text").fill_null("-")


def _paths(levels: tuple[ir.Level, ...], nodes: pl.DataFrame, judges: list[ir.Level]) -> pl.DataFrame:
    """A row per leaf, a struct per level."""
    paths = pl.DataFrame({"last": [0]}, schema={"last": pl.UInt64})
    for level in levels:
        here = _nodes(level, nodes)
        paths = paths.join(here, left_on="last", right_on="parent_id")
        paths = paths.drop("last").rename({"node_id": "last"})
        for judge in judges:
            if judge.parent == level.name:
                first = _nodes(judge, nodes.sort("ordinal")).unique("parent_id", keep="first").drop("node_id")
                paths = paths.join(first, left_on="last", right_on="parent_id", how="left")
    return paths


def _nodes(level: ir.Level, nodes: pl.DataFrame) -> pl.DataFrame:
    at = pl.struct("node_id", "text", pl.col("completion_tokens").fill_null(0)).alias(_column(level))
    return nodes.filter(pl.col("level") == level.name).select(at, "parent_id", "node_id")


def _column(level: ir.Level) -> str:
    return f"at {level.name}"


def _list(columns: list[pl.Expr]) -> pl.Expr:
    return pl.concat_list(columns) if columns else pl.lit([], dtype=pl.List(pl.String))
