"""Filters in their order, each on the nodes that are still alive."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

import polars as pl

from tgc import ir
from tgc.catalog import VERDICTS, Corpus
from tgc.cosine import Exact, Keep
from tgc.filters.base import MEASURES, VERDICT, Measuring, Pointing
from tgc.fingerprint import Ids
from tgc.sieve.around import Alive, Around
from tgc.sieve.memory import FORGETFUL, Memory
from tgc.sieve.together import together
from tgc.sieve.vectors import Embed, unknown

ALL_PICKED: Mapping[str, Ids] = MappingProxyType({})

_Judge = Callable[[Alive], pl.DataFrame]


def sift(
    program: ir.Program,
    corpus: Corpus,
    picked: Mapping[str, Ids] = ALL_PICKED,
    memory: Memory = FORGETFUL,
    embed: Embed = unknown,
    exact: Keep = Exact,
) -> pl.DataFrame:
    """Verdicts (columns of `VERDICTS`) on a recipe's nodes: those of `sifting`, together."""
    return pl.concat([pl.DataFrame(schema=VERDICTS), *sifting(program, corpus, picked, memory, embed, exact)])


def sifting(
    program: ir.Program,
    corpus: Corpus,
    picked: Mapping[str, Ids] = ALL_PICKED,
    memory: Memory = FORGETFUL,
    embed: Embed = unknown,
    exact: Keep = Exact,
) -> Iterator[pl.DataFrame]:
    """Verdicts (columns of `VERDICTS`) on a recipe's nodes, those of a filter on a level at a time.

    `picked` has the distinct siblings of each level that picks them; the others are rejected first, under the
    name `distinct`. Then come the recipe's filters in their order, level by level from the top; the second of
    a kind goes by `kind#2`. A node is no longer judged once it or an ancestor is rejected. What is measured goes
    into `memory`, and is taken from there where it was measured before; vectors of texts come from `embed`,
    and `exact` is the search among them.
    """
    outline = corpus.outline()
    alive: Alive = {
        level.name: outline.filter(pl.col("level") == level.name).drop("level") for level in program.levels
    }
    for name, judge in _judges(program, Around(program, alive, corpus, embed), picked, memory, exact):
        verdicts = judge(alive)
        alive = _survivors(program, alive, verdicts.filter(~pl.col("kept")).select("node_id"))
        yield _shaped(verdicts, program.name, name)


def _judges(
    program: ir.Program, around: Around, picked: Mapping[str, Ids], memory: Memory, exact: Keep
) -> Iterator[tuple[str, _Judge]]:
    for level, ids in picked.items():
        yield "distinct", partial(_distinct, level=level, picked=ids)
    seen: Counter[str] = Counter()
    for check in program.checks:
        kind = check.filter.kind
        seen[kind] += 1
        name = kind if seen[kind] == 1 else f"{kind}#{seen[kind]}"
        for level in check.levels:
            yield name, partial(_judged, level=level, check=check, around=around, memory=memory, exact=exact)


def _judged(
    alive: Alive, level: str, check: ir.Check, around: Around, memory: Memory, exact: Keep
) -> pl.DataFrame:
    node_ids = alive[level]["node_id"]
    if node_ids.is_empty():
        return pl.DataFrame(schema=VERDICT)
    match check.filter:
        case Measuring() as measuring:
            known = memory.recall(measuring.metric, node_ids)
            new = node_ids.filter(~node_ids.is_in(known["node_id"].implode()))
            seen = around.seen(level, new, check, alive)
            measured = _whole((measuring.measure(part) for part in seen), MEASURES)
            memory.remember(measuring.metric, measured)
            return measuring.decide(pl.concat([known, measured]).sort("node_id"))
        case judge if judge.alone:
            seen = around.seen(level, node_ids, check, alive)
            return _whole((judge.judge(part) for part in seen), VERDICT).sort("node_id")
        case Pointing() as pointing:
            return pointing.judge_by(together(around.seen(level, node_ids, check, alive), node_ids), exact)
        case judge:
            return judge.judge(together(around.seen(level, node_ids, check, alive), node_ids))


def _whole(parts: Iterator[pl.DataFrame], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *(part.select(*schema) for part in parts)])


def _distinct(alive: Alive, level: str, picked: Ids) -> pl.DataFrame:
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


def _survivors(program: ir.Program, alive: Alive, rejected: pl.DataFrame) -> Alive:
    """Nodes that are not rejected themselves and whose parent survives."""
    left: dict[str, pl.DataFrame] = {}
    for level in program.levels:
        nodes = alive[level.name].join(rejected, on="node_id", how="anti")
        if level.parent is not None:
            nodes = nodes.join(left[level.parent], left_on="parent_id", right_on="node_id", how="semi")
        left[level.name] = nodes
    return left


def _shaped(verdicts: pl.DataFrame, recipe: str, name: str) -> pl.DataFrame:
    of = pl.col("of") if "of" in verdicts.columns else pl.lit(None)
    named = verdicts.with_columns(recipe=pl.lit(recipe), filter=pl.lit(name), of=of)
    return named.select(*VERDICTS).cast(pl.Schema(VERDICTS))
