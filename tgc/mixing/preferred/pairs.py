"""Pairs of answers to the same turn: a conversation with the one that is chosen, and the one rejected. Pure."""

import polars as pl

from tgc import fingerprint, ir
from tgc.mixing.dialogues.tree import Tree

REJECTED = "rejected in a pair"
ALONE = "without a counterpart in a pair"
BETWEEN = "neither the best nor the worst of its siblings"
CLOSE = "too close in score to be a pair"
UNSCORED = "without a score to be in a pair"

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
    both = _of_levels(pairs, answers) if pairs.by is None else _of_scores(pairs, answers)
    rows = found.join(both.select("leaf_id", "rejected"), on="leaf_id", maintain_order="left")
    told = answers.select("leaf_id", reason=_why(pairs, both))
    return rows, told.join(both, on="leaf_id", how="anti", maintain_order="left")


def _answers(program: ir.Program, pairs: ir.Pairs, found: pl.DataFrame, tree: Tree) -> pl.DataFrame:
    """The last turn of each conversation, with what it is told apart by; without a score where it has none."""
    keys = fingerprint.order(found["leaf_id"].to_numpy(), salt=f"{program.seed} pairs")
    levels = sorted({pairs.chosen, pairs.rejected})
    told = pl.concat([tree.levels[name].select("node_id", "ordinal", answer="said") for name in levels])
    answers = found.select(
        "leaf_id",
        "level",
        parent_id=pl.col("path").list.get(-2, null_on_oob=True).fill_null(0),
        key=pl.Series(keys, dtype=pl.UInt64),
    ).join(told, left_on="leaf_id", right_on="node_id", maintain_order="left")
    if pairs.by is None:
        return answers.with_columns(score=pl.lit(None, pl.Float64))
    scores = tree.scores(pairs.by)
    return answers.join(scores, left_on="leaf_id", right_on="node_id", how="left", maintain_order="left")


def _of_levels(pairs: ir.Pairs, answers: pl.DataFrame) -> pl.DataFrame:
    """The k-th answers of both levels to a turn."""
    first, last = (answers.filter(pl.col("level") == name) for name in (pairs.chosen, pairs.rejected))
    return _both(_ranked(first, pl.col("ordinal")), _ranked(last, pl.col("ordinal")))


def _of_scores(pairs: ir.Pairs, answers: pl.DataFrame) -> pl.DataFrame:
    """The best and the worst answer to a turn, where their scores are as far apart as they should be."""
    scored, score = answers.drop_nulls("score"), pl.col("score")
    ends = [_ranked(scored, place, pl.col("key")).filter(pl.col("rank") == 0) for place in (-score, score)]
    return _both(*ends).filter(~_close(pairs, score - pl.col("lower")))


def _both(first: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    """Answers of the same rank to the same turn that say something else."""
    others = last.select("parent_id", "rank", rejected="leaf_id", other="answer", lower="score")
    return first.join(others, on=["parent_id", "rank"]).filter(pl.col("answer") != pl.col("other"))


def _ranked(answers: pl.DataFrame, *places: pl.Expr) -> pl.DataFrame:
    """With the rank among those to the same turn, from 0."""
    return answers.sort(*places).with_columns(rank=pl.int_range(pl.len()).over("parent_id"))


def _close(pairs: ir.Pairs, gap: pl.Expr) -> pl.Expr:
    return (gap <= 0) | (gap < pairs.margin)


def _why(pairs: ir.Pairs, both: pl.DataFrame) -> pl.Expr:
    """Why an answer is not chosen."""
    rejected = pl.col("leaf_id").is_in(both["rejected"].implode())
    lone = pl.lit(ALONE) if pairs.by is None else _lone(pairs, both)
    return pl.when(rejected).then(pl.lit(REJECTED)).otherwise(lone)


def _lone(pairs: ir.Pairs, both: pl.DataFrame) -> pl.Expr:
    """Why a score makes an answer neither the one nor the other of a pair."""
    score, turn = pl.col("score"), pl.col("parent_id")
    gap = (score.max() - score.min()).over(turn)
    return (
        pl.when(score.is_null())
        .then(pl.lit(UNSCORED))
        .when((score.count().over(turn) > 1) & _close(pairs, gap))
        .then(pl.lit(CLOSE))
        .when(turn.is_in(both["parent_id"].implode()))
        .then(pl.lit(BETWEEN))
        .otherwise(pl.lit(ALONE))
    )
