"""Filters applied to a tree: each judges the nodes that are still alive. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

import polars as pl

from tgc import ir
from tgc.catalog import VERDICTS
from tgc.filters.base import Filter
from tgc.fingerprint import Ids

ALL_PICKED: Mapping[str, Ids] = MappingProxyType({})

_Judge = Callable[[pl.DataFrame], pl.DataFrame]


def sift(program: ir.Program, nodes: pl.DataFrame, picked: Mapping[str, Ids] = ALL_PICKED) -> pl.DataFrame:
    """Verdicts (columns of `VERDICTS`) on a recipe's nodes (columns of `NODES`).

    `picked` has the distinct siblings of each level that picks them; the others are rejected first, under the
    name `distinct`. Then come the recipe's filters in their order, level by level from the top; the second of
    a kind goes by `kind#2`. A node is no longer judged once it or an ancestor is rejected.
    """
    alive = {level.name: nodes.filter(pl.col("level") == level.name) for level in program.levels}
    found = [pl.DataFrame(schema=VERDICTS)]
    for name, level, judge in _judges(program, picked):
        verdicts = judge(alive[level])
        found.append(_shaped(verdicts, program.name, name))
        alive = _survivors(program, alive, verdicts.filter(~pl.col("kept")))
    return pl.concat(found)


def _judges(program: ir.Program, picked: Mapping[str, Ids]) -> Iterator[tuple[str, str, _Judge]]:
    for level, ids in picked.items():
        yield "distinct", level, partial(_distinct, picked=ids)
    seen: Counter[str] = Counter()
    for check in program.checks:
        kind = check.filter.kind
        seen[kind] += 1
        name = kind if seen[kind] == 1 else f"{kind}#{seen[kind]}"
        for level in check.levels:
            yield name, level, partial(_judged, by=check.filter)


def _judged(nodes: pl.DataFrame, by: Filter) -> pl.DataFrame:
    return by.judge(_seen(nodes))


def _distinct(nodes: pl.DataFrame, picked: Ids) -> pl.DataFrame:
    kept = pl.col("node_id").is_in(pl.Series(picked, dtype=pl.UInt64).implode())
    decided = kept.any().over("parent_id")
    reason = (
        pl.when(decided & ~kept)
        .then(pl.lit("siblings that differ more were picked"))
        .when(~decided)
        .then(pl.lit("none was picked yet, for a sibling is missing"))
    )
    return nodes.select("node_id", kept=kept, reason=reason, score=pl.lit(None, dtype=pl.Float64))


def _seen(nodes: pl.DataFrame) -> pl.DataFrame:
    """What a filter may know of nodes."""
    tokens = pl.col("completion_tokens").alias("tokens")
    return nodes.select("node_id", "text", tokens, "finish_reason", "mean_logprob").sort("node_id")


def _survivors(
    program: ir.Program, alive: Mapping[str, pl.DataFrame], rejected: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Nodes that are not rejected themselves and whose parent survives."""
    left: dict[str, pl.DataFrame] = {}
    for level in program.levels:
        nodes = alive[level.name].join(rejected, on="node_id", how="anti")
        if level.parent is not None:
            nodes = nodes.join(left[level.parent], left_on="parent_id", right_on="node_id", how="semi")
        left[level.name] = nodes
    return left


def _shaped(verdicts: pl.DataFrame, recipe: str, name: str) -> pl.DataFrame:
    named = verdicts.with_columns(recipe=pl.lit(recipe), filter=pl.lit(name))
    return named.select(*VERDICTS).cast(pl.Schema(VERDICTS))
