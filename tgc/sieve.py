"""Filters applied to a tree: each judges the nodes that are still alive. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

import polars as pl

from tgc import ir
from tgc.catalog import VERDICTS
from tgc.fingerprint import Ids

ALL_PICKED: Mapping[str, Ids] = MappingProxyType({})

_Alive = Mapping[str, pl.DataFrame]
_Judge = Callable[[_Alive], pl.DataFrame]


def sift(program: ir.Program, nodes: pl.DataFrame, picked: Mapping[str, Ids] = ALL_PICKED) -> pl.DataFrame:
    """Verdicts (columns of `VERDICTS`) on a recipe's nodes (columns of `NODES`).

    `picked` has the distinct siblings of each level that picks them; the others are rejected first, under the
    name `distinct`. Then come the recipe's filters in their order, level by level from the top; the second of
    a kind goes by `kind#2`. A node is no longer judged once it or an ancestor is rejected.
    """
    alive = {level.name: nodes.filter(pl.col("level") == level.name) for level in program.levels}
    found = [pl.DataFrame(schema=VERDICTS)]
    for name, judge in _judges(program, picked):
        verdicts = judge(alive)
        found.append(_shaped(verdicts, program.name, name))
        alive = _survivors(program, alive, verdicts.filter(~pl.col("kept")))
    return pl.concat(found)


def _judges(program: ir.Program, picked: Mapping[str, Ids]) -> Iterator[tuple[str, _Judge]]:
    for level, ids in picked.items():
        yield "distinct", partial(_distinct, level=level, picked=ids)
    seen: Counter[str] = Counter()
    for check in program.checks:
        kind = check.filter.kind
        seen[kind] += 1
        name = kind if seen[kind] == 1 else f"{kind}#{seen[kind]}"
        for level in check.levels:
            yield name, partial(_judged, level=level, check=check)


def _judged(alive: _Alive, level: str, check: ir.Check) -> pl.DataFrame:
    seen = _seen(alive[level])
    return check.filter.judge(seen if check.by is None else _scored(seen, alive[check.by]))


def _scored(seen: pl.DataFrame, judges: pl.DataFrame) -> pl.DataFrame:
    """The nodes with the answers of the level that scores them, null where it gave none."""
    answers = judges.sort("ordinal", "node_id").group_by("parent_id").agg(scores="text")
    return seen.join(answers, left_on="node_id", right_on="parent_id", how="left", maintain_order="left")


def _distinct(alive: _Alive, level: str, picked: Ids) -> pl.DataFrame:
    nodes = alive[level]
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
