"""Which shares cannot hold at once, however many rows there are of the kinds there are. Pure."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from tgc import ir
from tgc.mixing.shares import margins
from tgc.mixing.shares.quotas import Floats, Quota, fit

CONTRADICTIONS = pl.Schema(
    [
        ("by", pl.String()),
        ("stratum", pl.List(pl.String)),
        ("asked", pl.Float64()),  # among the strata that have rows
        ("possible", pl.Float64()),  # beside the shares of the other margins
    ]
)

TOLD = 1e-3
"""How far what is possible is from what is asked for where that is told."""


def contradictions(
    mix: ir.Mix, shares: Mapping[ir.Margin, pl.DataFrame], kinds: pl.DataFrame
) -> pl.DataFrame:
    """The strata whose share is another one even if nothing runs out (columns of `CONTRADICTIONS`).

    Args:
        mix: what is asked for.
        shares: of the strata of each of its margins.
        kinds: of conversations (columns of `KINDS`), with how many `rows` are of each.
    """
    here = kinds.filter(pl.col("rows") > 0)
    if here.is_empty():
        return pl.DataFrame(schema=CONTRADICTIONS)
    quotas = [margins.quota(said, here, here["kind"], mix, margin) for margin, said in shares.items()]
    fitted = fit(quotas, np.ones(here.height))
    found = [pl.DataFrame(schema=CONTRADICTIONS)]
    found += [
        said.select(pl.lit(margin.name).alias("by"), "stratum", **_shares(quota, fitted))
        for (margin, said), quota in zip(shares.items(), quotas, strict=True)
    ]
    return pl.concat(found).filter((pl.col("asked") - pl.col("possible")).abs() > TOLD)


def _shares(quota: Quota, cells: Floats) -> dict[str, pl.Series]:
    """What is asked for of each value that is there, and what it has."""
    there = np.bincount(quota.values, minlength=len(quota.shares)) > 0
    asked = np.where(there, quota.shares, 0.0)
    possible = np.bincount(quota.values, cells, len(quota.shares))
    return {"asked": pl.Series(asked / asked.sum()).round(4), "possible": pl.Series(possible).round(4)}
