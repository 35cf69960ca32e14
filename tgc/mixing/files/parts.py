"""How much of each file goes into a mix, and which rows of it: those that come first by their hashes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import polars as pl

from tgc import fingerprint, ir
from tgc.mixing.files.stock import Stock
from tgc.mixing.shares.portions import Portion, portions, share
from tgc.mixing.shares.supply import Supply


@dataclass(frozen=True, slots=True)
class Part:
    """What a file gives to a mix.

    Attributes:
        asked: rows, or a share of what shares are of.
        rows: how many it gives, repeated ones included.
        short: whether it has less than was asked for.
    """

    stock: Stock
    asked: int | Fraction
    rows: int
    short: bool


def parts_of(
    mix: ir.Mix, others: int, stocks: Sequence[Stock], chosen: Sequence[pl.DataFrame]
) -> tuple[Part, ...]:
    """What each file gives beside others that come to so much in what shares are of.

    A share is met by as many rows as come nearest to it.

    Args:
        mix: says what shares are of.
        others: what the rows of the tree come to.
        stocks: the files.
        chosen: their rows, `in_order`.
    """
    supplies = [_supply(mix, *one) for one in zip(stocks, chosen, strict=True)]
    asked = [_asked(stock) for stock in stocks]
    given = portions(others, [_portion(*one) for one in zip(asked, supplies, strict=True)])
    whole = others + sum(given)
    each = zip(stocks, asked, supplies, given, strict=True)
    return tuple(_part(*one, whole) for one in each)


def in_order(program: ir.Program, stock: Stock) -> pl.DataFrame:
    """The rows of a file in the order in which they are chosen: that of a hash of what they say."""
    twins = stock.rows.with_columns(twin=pl.int_range(pl.len(), dtype=pl.UInt64).over("word"))
    ids = twins["word"].to_numpy(), twins["twin"].to_numpy()
    choice = fingerprint.children(f"{program.seed} choice", *ids)
    return twins.with_columns(choice=pl.Series(choice)).sort("choice", "start")


def amounts(unit: ir.Unit, rows: pl.DataFrame) -> pl.Series:
    """What each row comes to."""
    return pl.ones(rows.height, pl.Int64, eager=True) if unit == "rows" else rows[unit].cast(pl.Int64)


def _supply(mix: ir.Mix, stock: Stock, rows: pl.DataFrame) -> Supply:
    each = amounts(mix.share_of, rows).to_numpy()
    return Supply(np.concatenate(([0], np.cumsum(each))), stock.available)


def _asked(stock: Stock) -> int | Fraction:
    reader = stock.blend.reader
    if reader.share is not None:
        return share(reader.share)
    return reader.rows if isinstance(reader.rows, int) else stock.available


def _portion(asked: int | Fraction, supply: Supply) -> Portion:
    wanted = supply.amount(min(asked, supply.most)) if isinstance(asked, int) else asked
    return Portion(wanted, supply.available)


def _part(stock: Stock, asked: int | Fraction, supply: Supply, given: int, whole: int) -> Part:
    if isinstance(asked, int):
        return Part(stock, asked, min(asked, supply.most), asked > supply.most)
    short = given == supply.available < round(asked * whole)
    return Part(stock, asked, supply.most if short else supply.rows(given), short)
