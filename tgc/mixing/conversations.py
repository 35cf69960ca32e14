"""Conversations as rows: the paths of a tree that end with an answer. Pure."""

import json
from collections.abc import Iterator
from functools import partial

import polars as pl

from tgc import fingerprint, ir
from tgc.dialogue import Conversation, Message
from tgc.mixing import endings

CONVERSATIONS = pl.Schema(
    [
        ("leaf_id", pl.UInt64()),
        ("level", pl.String()),
        ("path", pl.List(pl.UInt64)),  # root first
        ("stratum", pl.List(pl.String)),  # what it is by the keys of all margins of the mix
        ("subtree", pl.UInt64()),  # the node at the level that a split keeps together
        ("drawn", pl.Boolean()),  # whether it goes before those that repeat turns of others: `endings.drawn`
        ("turns", pl.Int64()),  # a user's and the reply are one
        ("tokens", pl.Int64()),  # generated ones, and those estimated
        ("estimated", pl.Int64()),  # of texts that no model wrote
        ("supervised_tokens", pl.Int64()),  # of answers
        ("messages", pl.List(pl.Struct({"role": pl.String, "content": pl.String}))),
    ]
)
"""Columns of a frame of conversations."""

BYTES = 4
"""Bytes of UTF-8 to a token, where there is no count: what models of English have in the mean."""

NONE = "-"
"""What a conversation is in a respect in which nothing is said."""


def conversations(program: ir.Program, nodes: pl.DataFrame) -> pl.DataFrame:
    """All conversations of a recipe's nodes that have one of the numbers of turns it names.

    Where it names none, they are the paths to an assistant's level with no assistant's below. They are in hash
    order of their leaves, whatever the order of `nodes`.
    """
    found = [_ending(program, level, nodes) for level in endings.ends(program)]
    rows = pl.concat([pl.DataFrame(schema=CONVERSATIONS), *found])
    keys = fingerprint.order(rows["leaf_id"].to_numpy(), salt=str(program.seed))
    return rows.with_columns(key=pl.Series(keys)).sort("key", "leaf_id").drop("key")


def strata(program: ir.Program, margin: ir.Margin, nodes: pl.DataFrame) -> pl.DataFrame:
    """What a margin is over, as far as levels say: each `stratum` that has nodes, with conversations or not."""
    levels = [program.level(key.level) for key in margin.keys if key.level]
    if len(levels) < len(margin.keys):
        return pl.DataFrame(schema={"stratum": pl.List(pl.String)})
    path = max((program.path_to(_judged(level)) for level in levels), key=len)
    paths = _paths(path, nodes, _judges(levels, path))
    return paths.select(stratum=_list([_value(program, key, path) for key in margin.keys])).unique()


def spoken(rows: pl.DataFrame) -> Iterator[Conversation]:
    """The conversations of a frame, as formats take them."""
    source = "source" if "source" in rows.columns else pl.lit("").alias("source")
    rejected = "rejected" if "rejected" in rows.columns else pl.lit(None, pl.String).alias("rejected")
    for leaf_id, messages, origin, other in rows.select("leaf_id", "messages", source, rejected).iter_rows():
        said = tuple(Message(**message) for message in messages)
        yield Conversation(fingerprint.spell(leaf_id), said, source=origin, rejected=other)


def _ending(program: ir.Program, leaf: ir.Level, nodes: pl.DataFrame) -> pl.DataFrame:
    """The conversations that end at one level."""
    levels = program.path_to(leaf.name)
    at = {level.name: pl.col(_column(level)).struct for level in levels}
    together = program.mix.split.by if program.mix.split else leaf.name
    said = [level for level in levels if level.speaks]
    keys = [key for margin in program.mix.margins for key in margin.keys]
    judges = _judges([program.level(key.level) for key in keys if key.level], levels)
    counted = _paths(levels, nodes, judges).with_columns(
        turns=pl.lit(endings.count(levels)),
        tokens=pl.sum_horizontal([at[level.name].field("tokens") for level in said]),
        estimated=pl.sum_horizontal([at[level.name].field("estimated") for level in said]),
        supervised_tokens=pl.sum_horizontal(
            [at[level.name].field("tokens") for level in said if level.speaks == "assistant"]
        ),
    )
    ids = {level.name: counted[_column(level)].struct.field("node_id").to_numpy() for level in levels}
    rows = counted.select(
        "turns",
        "tokens",
        "estimated",
        "supervised_tokens",
        leaf_id=at[leaf.name].field("node_id"),
        level=pl.lit(leaf.name),
        path=pl.concat_list([node.field("node_id") for node in at.values()]),
        stratum=_list([_value(program, key, levels) for key in keys]),
        subtree=at.get(together, at[levels[0].name]).field("node_id"),
        messages=pl.concat_list(
            [pl.struct(role=pl.lit(level.speaks), content=at[level.name].field("text")) for level in said]
        ),
    )
    drawn = pl.Series("drawn", endings.drawn(program, levels, ids))
    return rows.with_columns(drawn).select(*CONVERSATIONS).cast(CONVERSATIONS)


def _judged(level: ir.Level) -> str:
    """The level itself, or the one that it scores."""
    return level.parent if isinstance(level.does, ir.Score) and level.parent else level.name


def _judges(levels: list[ir.Level], path: tuple[ir.Level, ...]) -> list[ir.Level]:
    """Those that score a level of `path`."""
    names = {level.name for level in path}
    return [level for level in levels if isinstance(level.does, ir.Score) and level.parent in names]


def _value(program: ir.Program, key: ir.Key, path: tuple[ir.Level, ...]) -> pl.Expr:
    """What a conversation is by a key; `NONE` where nothing says so, such as where it was not scored."""
    if key.level is None:
        return _bin(pl.col("tokens")) if key.field == "tokens" else pl.col(str(key.field)).cast(pl.String)
    level = program.level(key.level)
    if _judged(level) not in {above.name for above in path}:
        return pl.lit(NONE)
    node = pl.col(_column(level)).struct
    if key.field is None:
        return node.field("text").fill_null(NONE)
    return node.field("value").map_elements(partial(_field, key.field), pl.String).fill_null(NONE)


def _bin(number: pl.Expr) -> pl.Expr:
    """The next power of two."""
    return pl.lit(2).pow(number.clip(1).log(2).ceil().cast(pl.Int64)).cast(pl.Int64).cast(pl.String)


def _field(name: str, data: str) -> str | None:
    """One field of a value, as text."""
    value = json.loads(data).get(name)
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
    guess = (pl.col("text").str.len_bytes() / BYTES).ceil().cast(pl.Int64)
    estimated = pl.when(pl.col("completion_tokens").is_null()).then(guess).otherwise(0)
    at = pl.struct(
        "node_id",
        "text",
        "value",
        tokens=pl.col("completion_tokens").fill_null(guess),
        estimated=estimated,
    ).alias(_column(level))
    return nodes.filter(pl.col("level") == level.name).select(at, "parent_id", "node_id")


def _column(level: ir.Level) -> str:
    return f"at {level.name}"


def _list(columns: list[pl.Expr]) -> pl.Expr:
    return pl.concat_list(columns) if columns else pl.lit([], dtype=pl.List(pl.String))
