"""What keys say of conversations: as it stands, or the bin that a number falls into. Pure."""

import polars as pl

from tgc import ir


def told(said: pl.Expr, key: ir.Key) -> pl.Expr:
    """What is said, as text; with edges the name of its bin, and null where it is no number.

    >>> key = ir.Key("stars", edges=(2.0, 4.0))
    >>> pl.select(told(pl.lit(pl.Series(["1.5", "2", "4", "none"])), key)).to_series().to_list()
    ['under 2', '2 to under 4', '4 and over', None]
    """
    if not key.edges:
        return said.cast(pl.String)
    number, found = said.cast(pl.Float64, strict=False), pl.lit(key.bins[-1])
    for edge, name in reversed(list(zip(key.edges, key.bins, strict=False))):
        found = pl.when(number < edge).then(pl.lit(name)).otherwise(found)
    return pl.when(number.is_not_nan()).then(found)


def to_a_power(number: pl.Expr) -> pl.Expr:
    """The next power of two.

    >>> pl.select(to_a_power(pl.lit(pl.Series([1, 100])))).to_series().to_list()
    [1, 128]
    """
    return pl.lit(2).pow(number.clip(1).log(2).ceil().cast(pl.Int64)).cast(pl.Int64)
