"""Blocks of text and blocks of images, for trainers whose batches are not to mix them. Pure."""

import polars as pl

SEEN = pl.col("images") > 0

BLOCKS = pl.Schema(
    [
        ("split", pl.String()),
        ("text", pl.Int64()),  # whole blocks of text
        ("images", pl.Int64()),  # whole blocks of rows with images
        ("mixed", pl.Int64()),  # blocks of both
        ("rest", pl.Int64()),  # rows of the last block, where it is not whole
    ]
)
"""Columns of what is told of blocks."""


def arranged(rows: pl.DataFrame, size: int) -> pl.DataFrame:
    """The rows of a mix such that of every `size` in a split all have images or none has.

    Rows stay in their order among those of their kind. Blocks of both kinds are spread evenly, one with images
    first. The rows that fill no block come last, those with images before the others; only, where there is no
    block of images at all, they come first, for `datasets` takes the columns of a file from its beginning.
    """
    kind = ("split", "seen")
    numbered = rows.with_columns(seen=SEEN).with_columns(
        number=pl.int_range(pl.len()).over(kind), blocks=pl.len().over(kind) // size
    )
    block = pl.col("number") // size
    spread = (block + pl.when("seen").then(0.0).otherwise(0.5)) / pl.col("blocks")
    outside = pl.when(pl.col("seen") & (pl.col("blocks") == 0)).then(-1.0).otherwise(2.0)
    placed = numbered.with_columns(place=pl.when(block < pl.col("blocks")).then(spread).otherwise(outside))
    return placed.sort("place", "split", ~pl.col("seen"), "number").select(rows.columns)


def told(rows: pl.DataFrame, size: int) -> pl.DataFrame:
    """How many blocks each split has, by what is in them, with the columns of `BLOCKS`."""
    block = pl.int_range(pl.len()).over("split") // size
    counted = rows.group_by("split", block=block).agg(height=pl.len(), seen=SEEN.sum())
    whole, seen, height = pl.col("height") == size, pl.col("seen"), pl.col("height")
    return (
        counted.group_by("split")
        .agg(
            text=(whole & (seen == 0)).sum(),
            images=(whole & (seen == height)).sum(),
            mixed=((seen > 0) & (seen < height)).sum(),
            rest=height.filter(~whole).sum(),
        )
        .sort("split")
        .cast(BLOCKS)
    )
