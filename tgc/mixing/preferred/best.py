"""Of siblings that a level scores, which are not among the best. Pure."""

import polars as pl

from tgc import fingerprint, ir
from tgc.mixing.dialogues.tree import Tree

LESSER = pl.Schema([("leaf_id", pl.UInt64()), ("reason", pl.String())])


def lesser(program: ir.Program, found: pl.DataFrame, tree: Tree) -> pl.DataFrame:
    """The leaves of conversations that pass a node with better siblings enough, and why they go.

    Several scores of a node are averaged; one without any comes last, and ties are broken by a hash. Siblings of
    which no conversation is left do not count.

    Args:
        program: whose mix says what is best.
        found: conversations (columns of `CONVERSATIONS`).
        tree: all nodes there are, scores included.
    """
    best = program.mix.best
    if best is None:
        return pl.DataFrame(schema=LESSER)
    place = len(program.path_to(best.by)) - 2
    passing = found.select(
        "leaf_id",
        node_id=pl.col("path").list.get(place),
        parent_id=pl.col("path").list.get(place - 1) if place else pl.lit(0, pl.UInt64),
    )
    siblings = passing.select("node_id", "parent_id").unique()
    taken = _ranked(program, siblings, tree.scores(best.by)).filter(pl.col("rank") < best.keep)
    return passing.join(taken, on="node_id", how="anti", maintain_order="left").select(
        "leaf_id", reason=pl.lit(f"not among the best by `{best.by}`")
    )


def _ranked(program: ir.Program, siblings: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Siblings with their `rank` among those of their parent, from 0."""
    keys = fingerprint.order(siblings["node_id"].to_numpy(), salt=f"{program.seed} best")
    told = siblings.with_columns(key=pl.Series(keys)).join(scores, on="node_id", how="left")
    ordered = told.with_columns(pl.col("score").fill_nan(None)).sort(
        "score", "key", descending=[True, False], nulls_last=True
    )
    return ordered.with_columns(rank=pl.int_range(pl.len()).over("parent_id"))
