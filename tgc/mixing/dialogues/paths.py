"""Paths of a tree from the root down, with what they come to. Pure."""

import json
from collections.abc import Mapping, Sequence
from functools import partial

import polars as pl

from tgc import fingerprint, ir
from tgc.dialogue import Role
from tgc.mixing.dialogues import bins
from tgc.mixing.dialogues.tree import Tree

REJECTED = pl.Schema([("node_id", pl.UInt64()), ("reason", pl.String())])
"""Nodes that filters reject, each once, with the name of the filter."""

NONE = "-"
"""What a path is in a respect in which nothing is said."""

_ABOVE = pl.Schema(
    [
        ("last", pl.UInt64()),
        ("tokens", pl.Int64()),
        ("estimated", pl.Int64()),
        ("supervised_tokens", pl.Int64()),
        ("said", pl.UInt64()),
        ("reason", pl.String()),
        ("stored", pl.UInt32()),
    ]
)
_HERE = " here"


def paths(
    program: ir.Program,
    levels: Sequence[ir.Level],
    tree: Tree,
    keys: Sequence[ir.Key],
    rejected: pl.DataFrame,
) -> pl.DataFrame:
    """A row per node of the last of some levels, which are those from the root to it.

    Its columns are the ids of the nodes on the path (`column` of each level), what the keys say (`names`; without
    those that are of a conversation as a whole), `tokens`, `estimated` ones and `supervised_tokens` of the turns,
    64 bits of what these `said`, the `reason` why the topmost node is rejected (columns of `REJECTED`), and the
    order in which the last nodes are `stored`.
    """
    named = {name: key for name, key in zip(names(keys), keys, strict=True) if key.level}
    found = pl.DataFrame([(0, 0, 0, 0, 0, None, 0)], schema=_ABOVE, orient="row")
    for level in levels:
        told = {name: key for name, key in named.items() if key.level == level.name}
        nodes = tree.levels[level.name].join(rejected, on="node_id", how="left", maintain_order="left")
        found = _below(found, nodes, level, told)
        for judge in (other for other in program.levels if judged(other) == level.name != other.name):
            said = {name: key for name, key in named.items() if key.level == judge.name}
            found = _scored(found, tree.levels[judge.name], said) if said else found
    return found.with_columns(
        pl.lit(NONE).alias(name) for name in named if name not in found.columns
    ).with_columns(pl.col(*named).fill_null(NONE) if named else [])


def column(level: ir.Level) -> str:
    """Where the ids of a level's nodes are."""
    return f"at {level.name}"


def names(keys: Sequence[ir.Key]) -> list[str]:
    """Where it is what keys say, by their places."""
    return [f"key {place}" for place in range(len(keys))]


def judged(level: ir.Level) -> str:
    """The level itself, or the one that it scores."""
    return level.parent if isinstance(level.does, ir.Score) and level.parent else level.name


def _below(
    above: pl.DataFrame, nodes: pl.DataFrame, level: ir.Level, told: Mapping[str, ir.Key]
) -> pl.DataFrame:
    """The paths that lead on to some nodes, those of a level."""
    turn = ("tokens", "estimated", "said") if level.speaks else ()
    here = nodes.with_row_index("stored").select(
        "parent_id", "node_id", "stored", "reason", *turn, **_said(told)
    )
    found = above.drop("stored").join(here, left_on="last", right_on="parent_id", suffix=_HERE)
    found = found.with_columns(pl.coalesce("reason", f"reason{_HERE}"), last="node_id").drop(f"reason{_HERE}")
    return (_spoken(found, level.speaks) if level.speaks else found).rename({"node_id": column(level)})


def _spoken(found: pl.DataFrame, role: Role) -> pl.DataFrame:
    """Paths with what their last node says."""
    said = (found[name].to_numpy() for name in ("said", f"said{_HERE}"))
    tokens, estimated = pl.col(f"tokens{_HERE}"), pl.col(f"estimated{_HERE}")
    return found.with_columns(
        pl.col("tokens") + tokens,
        pl.col("estimated") + estimated,
        pl.col("supervised_tokens") + (tokens if role == "assistant" else 0),
        said=pl.Series(fingerprint.children(role, *said), dtype=pl.UInt64),
    ).drop(f"{name}{_HERE}" for name in ("tokens", "estimated", "said"))


def _scored(found: pl.DataFrame, scores: pl.DataFrame, told: Mapping[str, ir.Key]) -> pl.DataFrame:
    """Paths with the first score of their last node, null where it has none."""
    first = scores.sort("ordinal", "node_id").unique("parent_id", keep="first")
    said = first.select("parent_id", **_said(told))
    return found.join(said, left_on="last", right_on="parent_id", how="left")


def _said(told: Mapping[str, ir.Key]) -> dict[str, pl.Expr]:
    """What keys say of nodes."""
    return {name: bins.told(_answer(key.field), key) for name, key in told.items()}


def _answer(field: str | None) -> pl.Expr:
    """What a node says, or one field of it."""
    return (
        pl.col("value").map_elements(partial(_field, field), pl.String)
        if field is not None
        else pl.col("text")
    )


def _field(name: str, data: str) -> str | None:
    """One field of a value, as text."""
    value = json.loads(data).get(name)
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
