"""What shares of the mix each stratum is asked for: even, weighted, or by what there is. Pure."""

from typing import assert_never

import polars as pl

from tgc import ir
from tgc.mixing.dialogues.conversations import strata
from tgc.mixing.dialogues.tree import Tree
from tgc.mixing.shares.quotas import Quota

STRATUM = pl.List(pl.String)


def shares(program: ir.Program, margin: ir.Margin, tree: Tree, kinds: pl.DataFrame) -> pl.DataFrame:
    """Each stratum of a margin, in order, with the rows `available` and the `share` it is to have.

    Args:
        program: the recipe.
        margin: one of its mix.
        tree: all nodes there are, so that strata without conversations are known too.
        kinds: of conversations (columns of `KINDS`), with how many `rows` are of each.
    """
    counts = counted(kinds, program.mix, margin).rename({"rows": "available"})
    wanted = pl.concat([strata(program, margin, tree), _named(margin), counts.select("stratum")]).unique()
    here = wanted.join(counts, on="stratum", how="left").with_columns(pl.col("available").fill_null(0))
    weighed = here.with_columns(share=_weight(margin.spread)).sort(_place(margin))
    return weighed.with_columns(pl.col("share") / pl.col("share").sum().clip(1e-300))


def counted(kinds: pl.DataFrame, mix: ir.Mix, margin: ir.Margin) -> pl.DataFrame:
    """How many `rows` are of each stratum of a margin."""
    strata = pl.DataFrame({"stratum": of(kinds, mix, margin), "rows": kinds["rows"]})
    return strata.filter(pl.col("rows") > 0).group_by("stratum").agg(pl.col("rows").sum())


def of(kinds: pl.DataFrame, mix: ir.Mix, margin: ir.Margin) -> pl.Series:
    """What each kind of conversations is by one of the margins of the mix."""
    start = sum(len(other.keys) for other in mix.margins[: mix.margins.index(margin)])
    return kinds.select(pl.col("stratum").list.slice(start, len(margin.keys))).to_series()


def quota(said: pl.DataFrame, kinds: pl.DataFrame, found: pl.Series, mix: ir.Mix, margin: ir.Margin) -> Quota:
    """The same as numbers, for conversations of which `found` tells the kinds."""
    numbers = said.select("stratum").with_row_index("number")
    strata = kinds.select("kind", stratum=of(kinds, mix, margin))
    known = strata.join(numbers, on="stratum", how="left").select("kind", "number")
    values = found.to_frame("kind").join(known, on="kind", how="left", maintain_order="left")
    return Quota(values["number"].cast(pl.Int64).to_numpy(), said["share"].to_numpy())


def whole(share: pl.Expr, total: int | None) -> pl.Expr:
    """Shares of a total as whole numbers, by largest remainder; those that come first are rounded up first."""
    exact = (share * pl.lit(total, pl.Float64)).round(6)
    short = pl.lit(total, pl.Int64) - exact.floor().sum()
    order = (exact.floor() - exact).rank("ordinal")
    return (exact.floor() + (order <= short).cast(pl.Int64)).cast(pl.Int64)


def _place(margin: ir.Margin) -> pl.Expr:
    """By what strata are in order: bins from the lowest to the highest, all else as text."""
    names = ("", *margin.keys[0].bins)
    if len(names) == 1:
        return pl.col("stratum").list.join("\0")
    return pl.col("stratum").list.first().replace_strict(names, range(len(names)), default=0)


def _named(margin: ir.Margin) -> pl.DataFrame:
    named = margin.spread.named if isinstance(margin.spread, ir.Weights) else ()
    return pl.DataFrame({"stratum": [[value] for value, weight in named if weight]}, {"stratum": STRATUM})


def _weight(spread: ir.Weights | ir.Temperature) -> pl.Expr:
    match spread:
        case ir.Weights(named, others):
            first = pl.col("stratum").list.first()
            return first.replace_strict(dict(named), default=others, return_dtype=pl.Float64)
        case ir.Temperature(value):
            return pl.col("available") ** (1 / value)
        case _:
            assert_never(spread)
