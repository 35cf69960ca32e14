"""Pairs of answers to the same turn: a conversation with the one that is chosen, and the one rejected. Pure."""

from dataclasses import dataclass

import polars as pl

from tgc import fingerprint, ir

REJECTED = "rejected in a pair"
ALONE = "without a counterpart in a pair"
CLOSE = "too close in score to be a pair"

DROPPED = pl.Schema([("leaf_id", pl.UInt64()), ("reason", pl.String())])


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """The conversations that are chosen, with the answer that each is preferred to as `rejected`, and the others.

    Attributes:
        rows: as they came; all of them, and nothing is rejected, where the mix has no pairs.
        dropped: leaf_id and reason of those that are not rows of their own.
    """

    rows: pl.DataFrame
    dropped: pl.DataFrame


def paired(program: ir.Program, found: pl.DataFrame, nodes: pl.DataFrame) -> Paired:
    """Conversations as pairs: the k-th answers of two levels to a turn, or the best and the worst of one.

    Args:
        program: whose mix says what is chosen and what is rejected.
        found: conversations (columns of `CONVERSATIONS`).
        nodes: all there are, scores included.
    """
    pairs = program.mix.pairs
    if pairs is None:
        rows = found.with_columns(rejected=pl.lit(None, pl.String))
        return Paired(rows, pl.DataFrame(schema=DROPPED))
    answers = _answers(program, pairs, found, nodes)
    order = (pl.col("ordinal"),) if pairs.by is None else (pl.col("key"),)
    first = _ranked(answers.filter(pl.col("level") == pairs.chosen), -pl.col("rating"), *order)
    last = _ranked(answers.filter(pl.col("level") == pairs.rejected), pl.col("rating"), *order).select(
        "parent_id", "rank", rejected="text", other="leaf_id", lower="rating"
    )
    both = first.join(last, on=["parent_id", "rank"]).filter(pl.col("text") != pl.col("rejected"))
    if pairs.by is not None:
        both = both.filter((pl.col("rank") == 0) & (pl.col("rating") > pl.col("lower")))
    far = both.filter(pl.col("rating") - pl.col("lower") >= pairs.margin)
    rows = found.join(far.select("leaf_id", "rejected"), on="leaf_id", maintain_order="left")
    return Paired(rows, _dropped(found, rows, far, both))


def _answers(program: ir.Program, pairs: ir.Pairs, found: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """The last turn of each conversation, with what it is told by; one that is not scored is in no pair."""
    keys = fingerprint.order(found["leaf_id"].to_numpy(), salt=f"{program.seed} pairs")
    answers = found.select(
        "leaf_id",
        "level",
        parent_id=pl.col("path").list.get(-2, null_on_oob=True).fill_null(0),
        text=pl.col("messages").list.last().struct.field("content"),
        key=pl.Series(keys, dtype=pl.UInt64),
    ).join(nodes.select("node_id", "ordinal"), left_on="leaf_id", right_on="node_id")
    if pairs.by is None:
        return answers.with_columns(rating=pl.lit(0.0))
    number = pl.col("text").cast(pl.Float64, strict=False)
    judged = nodes.filter(pl.col("level") == pairs.by).group_by("parent_id").agg(rating=number.mean())
    return answers.join(judged, left_on="leaf_id", right_on="parent_id").drop_nulls("rating")


def _ranked(answers: pl.DataFrame, *places: pl.Expr) -> pl.DataFrame:
    """With the rank among those to the same turn, from 0."""
    return answers.sort(*places).with_columns(rank=pl.int_range(pl.len()).over("parent_id"))


def _dropped(found: pl.DataFrame, rows: pl.DataFrame, far: pl.DataFrame, both: pl.DataFrame) -> pl.DataFrame:
    near = both.join(far, on="leaf_id", how="anti")
    reasons = pl.concat(
        [
            far.select(leaf_id="other", reason=pl.lit(REJECTED)),
            near.select("leaf_id", reason=pl.lit(CLOSE)),
            near.select(leaf_id="other", reason=pl.lit(CLOSE)),
        ]
    ).unique("leaf_id", keep="first", maintain_order=True)
    others = found.join(rows, on="leaf_id", how="anti", maintain_order="left").select("leaf_id")
    told = others.join(reasons, on="leaf_id", how="left", maintain_order="left")
    return told.with_columns(pl.col("reason").fill_null(ALONE))
