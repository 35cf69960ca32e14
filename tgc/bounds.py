"""Figures held against bounds: what is wrong with a text, as expressions, and verdicts on all of that."""

from collections.abc import Iterable

import polars as pl

NOTHING = pl.lit(None, dtype=pl.String)


def under(said: str, figure: pl.Expr, bound: float | None, than: str = "under") -> pl.Expr:
    """`said` with the figure in its `{}`, and the bound, where the figure is below it; null elsewhere.

    >>> frame = pl.DataFrame({"words": [2, 3]})
    >>> frame.select(under("{} words", pl.col("words"), 3, "fewer than")).to_series().to_list()
    ['2 words, fewer than 3', None]
    """
    return NOTHING if bound is None else pl.when(figure < bound).then(_said(said, figure, than, bound))


def over(said: str, figure: pl.Expr, bound: float | None, than: str = "over") -> pl.Expr:
    """`said` with the figure in its `{}`, and the bound, where the figure is above it; null elsewhere.

    >>> pl.select(over("{} of its lines", pl.lit(0.955), 0.9)).item()
    '0.955 of its lines, over 0.9'
    """
    return NOTHING if bound is None else pl.when(figure > bound).then(_said(said, figure, than, bound))


def verdicts(nodes: pl.DataFrame, faults: Iterable[pl.Expr]) -> pl.DataFrame:
    """Verdicts on nodes by what is wrong with them: every fault is told, and the score counts them.

    >>> nodes = pl.DataFrame({"node_id": [1, 2], "lines": [5, 1]})
    >>> verdicts(nodes, [over("{} lines", pl.col("lines"), 3)]).rows()
    [(1, False, '5 lines, over 3', 1.0), (2, True, None, 0.0)]
    """
    found = nodes.select("node_id", found=pl.concat_list(*faults).list.drop_nulls())
    count = pl.col("found").list.len()
    reason = pl.when(count > 0).then(pl.col("found").list.join("; "))
    return found.select("node_id", kept=count == 0, reason=reason, score=count.cast(pl.Float64))


def _said(said: str, figure: pl.Expr, than: str, bound: float) -> pl.Expr:
    shown = pl.format(said, figure.round(3))
    return pl.format("{}, {} {}", shown, pl.lit(than), pl.lit(f"{bound:g}"))
