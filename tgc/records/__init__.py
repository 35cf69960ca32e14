"""Files of records, one record at a time: JSON arrays, JSON lines and Parquet, of any size."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tgc.records import array, lines, table
from tgc.records.record import BrokenFileError, Record, flaw

__all__ = ["SUFFIXES", "BrokenFileError", "Record", "flaw", "read"]

SUFFIXES: Mapping[str, Callable[[Path], Iterator[Record]]] = {
    ".json": array.read,
    ".jsonl": lines.read,
    ".parquet": table.read,
}
"""How a file is read, by how its name ends."""


def read(path: Path) -> Iterator[Record]:
    """The records of a file whose name ends with one of `SUFFIXES`; only a few are held at a time.

    Raises:
        BrokenFileError: it cannot be read any further.
        OSError: it cannot be opened.
    """
    return SUFFIXES[path.suffix](path)
