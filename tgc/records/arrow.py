"""The rows of an Arrow file, as `datasets` keeps them in a cache or by `save_to_disk`, each a record by column."""

from collections.abc import Iterator
from pathlib import Path

from tgc.records.record import BrokenFileError, Record

MAGIC = b"ARROW1"
"""How an Arrow file begins that is no stream."""


def read(path: Path) -> Iterator[Record]:
    """The rows as mappings; columns without a value are `None`. The file is held in memory.

    Raises:
        BrokenFileError: it is no Arrow file.
    """
    import polars as pl

    try:
        with path.open("rb") as file:
            is_stream = file.read(len(MAGIC)) != MAGIC
        whole = pl.read_ipc_stream(path) if is_stream else pl.read_ipc(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise BrokenFileError("this is not an Arrow file", 1) from error
    for place, row in enumerate(whole.iter_rows(named=True), 1):
        yield Record(place, row)
