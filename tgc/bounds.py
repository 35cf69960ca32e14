"""Figures held against bounds: what is wrong with a text, as expressions, and verdicts on all of that."""

from collections.abc import Iterable

import polars as pl

NOTHING = pl.lit(None, dtype=pl.String)


def under(said: str, figure: pl.Expr, bound: float | None) -> pl.Expr:
    """`said` with the figure in its `{}`, and the bound, where the figure is below it; null elsewhere.

    >>> frame = pl.DataFrame({"score": [1.5, 3.0]})
    >>> frame.select(under("score {}", pl.col("score"), 2.5)).to_series().to_list()
    ['score 1.5, under 2.5', None]
    """
    return NOTHING if bound is None else pl.when(figure < bound).then(_said(said, figure, "under", bound))


def over(said: str, figure: pl.Expr, bound: float | None) -> pl.Expr:
    """`said` with the figure in its `{}`, and the bound, where the figure is above it; null elsewhere.

    >>> pl.select(over("{} of its lines", pl.lit(0.955), 0.9)).item()
    '0.955 of its lines, over 0.9'
    """
    return NOTHING if bound is None else pl.when(figure > bound).then(_said(said, figure, "over", bound))


def fewer(noun: str, number: pl.Expr, bound: int | None, which: str = "") -> pl.Expr:
    """How many there are, of `which` kind, and the bound, where there are fewer; null elsewhere.

    >>> frame = pl.DataFrame({"words": [1, 3]})
    >>> frame.select(fewer("word", pl.col("words"), 3, " in lines")).to_series().to_list()
    ['1 word in lines, fewer than 3', None]
    """
    if bound is None:
        return NOTHING
    return pl.when(number < bound).then(counted(number, noun, f"{which}, fewer than {bound}"))


def more(noun: str, number: pl.Expr, bound: int | None) -> pl.Expr:
    """How many there are, and the bound, where there are more; null elsewhere.

    >>> pl.select(more("word", pl.lit(4), 3)).item()
    '4 words, more than 3'
    """
    if bound is None:
        return NOTHING
    return pl.when(number > bound).then(counted(number, noun, f", more than {bound}"))


def counted(number: pl.Expr, noun: str, behind: str = "") -> pl.Expr:
    """How many there are, and what is said behind.

    >>> pl.select(counted(pl.lit(1), "character", " lost")).item()
    '1 character lost'
    """
    nouns = pl.when(number == 1).then(pl.lit(noun)).otherwise(pl.lit(f"{noun}s"))
    return pl.format("{} {}{}", number, nouns, pl.lit(behind))


def verdicts(nodes: pl.DataFrame, faults: Iterable[pl.Expr]) -> pl.DataFrame:
    """Verdicts on nodes by what is wrong with them: every fault is told, and the score counts them.

    >>> nodes = pl.DataFrame({"node_id": [1, 2], "lines": [5, 1]})
    >>> verdicts(nodes, [more("line", pl.col("lines"), 3)]).rows()
    [(1, False, '5 lines, more than 3', 1.0), (2, True, None, 0.0)]
    """
    found = nodes.select("node_id", found=pl.concat_list(*faults).list.drop_nulls())
    count = pl.col("found").list.len()
    reason = pl.when(count > 0).then(pl.col("found").list.join("; "))
    return found.select("node_id", kept=count == 0, reason=reason, score=count.cast(pl.Float64))


def _said(said: str, figure: pl.Expr, than: str, bound: float) -> pl.Expr:
    shown = pl.format(said, figure.round(3))
    return pl.format("{}, {} {}", shown, pl.lit(than), pl.lit(f"{bound:g}"))
