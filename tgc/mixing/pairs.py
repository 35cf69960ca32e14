"""Pairs of answers to the same turn: a conversation with the one that is chosen, and the one rejected. Pure."""

import polars as pl

from tgc import fingerprint, ir
from tgc.mixing.tree import Tree

REJECTED = "rejected in a pair"
ALONE = "without a counterpart in a pair"
CLOSE = "too close in score to be a pair"

DROPPED = pl.Schema([("leaf_id", pl.UInt64()), ("reason", pl.String())])


def paired(program: ir.Program, found: pl.DataFrame, tree: Tree) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Conversations as pairs: the k-th answers of two levels to a turn, or the best and the worst of one.

    Those that are chosen, as they came, each with the id of the answer that is `rejected`; and the others with a
    `reason`. Where the mix has no pairs, all are as they came, and nothing is rejected.

    Args:
        program: whose mix says what is chosen and what is rejected.
        found: conversations (columns of `CONVERSATIONS`).
        tree: all nodes there are, scores included.
    """
    pairs = program.mix.pairs
    if pairs is None:
        return found.with_columns(rejected=pl.lit(None, pl.UInt64)), pl.DataFrame(schema=DROPPED)
    answers = _answers(program, pairs, found, tree)
    order = (pl.col("ordinal"),) if pairs.by is None else (pl.col("key"),)
    first = _ranked(answers.filter(pl.col("level") == pairs.chosen), -pl.col("rating"), *order)
    last = _ranked(answers.filter(pl.col("level") == pairs.rejected), pl.col("rating"), *order).select(
        "parent_id", "rank", rejected="leaf_id", other="answer", lower="rating"
    )
    both = first.join(last, on=["parent_id", "rank"]).filter(pl.col("answer") != pl.col("other"))
    if pairs.by is not None:
        both = both.filter((pl.col("rank") == 0) & (pl.col("rating") > pl.col("lower")))
    far = both.filter(pl.col("rating") - pl.col("lower") >= pairs.margin)
    rows = found.join(far.select("leaf_id", "rejected"), on="leaf_id", maintain_order="left")
    return rows, _dropped(found, rows, far, both)


def _answers(program: ir.Program, pairs: ir.Pairs, found: pl.DataFrame, tree: Tree) -> pl.DataFrame:
    """The last turn of each conversation, with what it is told by; one that is not scored is in no pair."""
    keys = fingerprint.order(found["leaf_id"].to_numpy(), salt=f"{program.seed} pairs")
    levels = {pairs.chosen, pairs.rejected}
    told = pl.concat(
        [tree.levels[name].select("node_id", "ordinal", answer="said") for name in sorted(levels)]
    )
    answers = found.select(
        "leaf_id",
        "level",
        parent_id=pl.col("path").list.get(-2, null_on_oob=True).fill_null(0),
        key=pl.Series(keys, dtype=pl.UInt64),
    ).join(told, left_on="leaf_id", right_on="node_id")
    if pairs.by is None:
        return answers.with_columns(rating=pl.lit(0.0))
    scores = tree.scores(pairs.by).rename({"score": "rating"})
    return answers.join(scores, left_on="leaf_id", right_on="node_id").drop_nulls("rating")


def _ranked(answers: pl.DataFrame, *places: pl.Expr) -> pl.DataFrame:
    """With the rank among those to the same turn, from 0."""
    return answers.sort(*places).with_columns(rank=pl.int_range(pl.len()).over("parent_id"))


def _dropped(found: pl.DataFrame, rows: pl.DataFrame, far: pl.DataFrame, both: pl.DataFrame) -> pl.DataFrame:
    near = both.join(far, on="leaf_id", how="anti")
    reasons = pl.concat(
        [
            far.select(leaf_id="rejected", reason=pl.lit(REJECTED)),
            near.select("leaf_id", reason=pl.lit(CLOSE)),
            near.select(leaf_id="rejected", reason=pl.lit(CLOSE)),
        ]
    ).unique("leaf_id", keep="first", maintain_order=True)
    others = found.join(rows, on="leaf_id", how="anti", maintain_order="left").select("leaf_id")
    told = others.join(reasons, on="leaf_id", how="left", maintain_order="left")
    return told.with_columns(pl.col("reason").fill_null(ALONE))
