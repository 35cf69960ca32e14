"""The rows of a Parquet file, each a record by column."""

from collections.abc import Iterator
from pathlib import Path

from tgc.records.record import BrokenFileError, Record

SLICE = 1 << 14
"""The most rows that are read at once."""

ROOM = 1 << 26
"""Bytes of the file that are read at once; rows may hold images."""


def read(path: Path) -> Iterator[Record]:
    """The rows as mappings; columns without a value are `None`.

    Raises:
        BrokenFileError: it is no Parquet file, or broken within.
    """
    import polars as pl

    start = few = 0
    try:
        rows = pl.scan_parquet(path, glob=False)
        height = rows.select(pl.len()).collect().item()
        few = min(SLICE, max(1, ROOM * height // path.stat().st_size))
        for start in range(0, height, few):
            for place, row in enumerate(rows.slice(start, few).collect().iter_rows(named=True), start + 1):
                yield Record(place, row)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        message = f"the file is broken within {few:,} rows from here" if few else "this is not a Parquet file"
        raise BrokenFileError(message, start + 1) from error
