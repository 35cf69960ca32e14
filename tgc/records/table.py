"""The rows of a Parquet file, each a record by column."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from tgc.records.record import BrokenFileError, Record

SLICE = 1 << 14
"""Rows that are read at once."""


def read(path: Path) -> Iterator[Record]:
    """The rows as mappings; columns without a value are `None`.

    Raises:
        BrokenFileError: it is no Parquet file.
    """
    import polars as pl

    try:
        for start in count(0, SLICE):
            rows = pl.scan_parquet(path, glob=False).slice(start, SLICE).collect()
            for place, row in enumerate(rows.iter_rows(named=True), start + 1):
                yield Record(place, row)
            if rows.height < SLICE:
                return
    except pl.exceptions.PolarsError as error:
        raise BrokenFileError("this is not a Parquet file", 1) from error
