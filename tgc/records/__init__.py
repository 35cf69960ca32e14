"""Files of records, one record at a time: JSON arrays, JSON lines, Parquet and Arrow."""

from collections.abc import Callable, Iterator, Mapping
from itertools import compress, islice
from pathlib import Path

from tgc.records import array, arrow, lines, table
from tgc.records.opened import PACKED, opened
from tgc.records.record import BrokenFileError, Record, flaw
from tgc.records.take import ALL, Take, strategy

__all__ = [
    "ALL",
    "SUFFIXES",
    "BrokenFileError",
    "Record",
    "Take",
    "flaw",
    "is_by_line",
    "opened",
    "read",
    "strategy",
    "suffix",
    "taken",
]

SUFFIXES: Mapping[str, Callable[[Path], Iterator[Record]]] = {
    ".json": array.read,
    ".jsonl": lines.read,
    ".parquet": table.read,
    ".arrow": arrow.read,
    ".json.gz": array.read,
    ".jsonl.gz": lines.read,
}
"""How a file is read, by how its name ends."""


def is_by_line(path: Path) -> bool:
    """Whether each record of a file has a line to itself.

    >>> is_by_line(Path("a.jsonl.gz")), is_by_line(Path("a.json"))
    (True, False)
    """
    return SUFFIXES[suffix(path)] is lines.read


def suffix(path: Path) -> str:
    """How the name of a file ends, with what is packed in it.

    >>> suffix(Path("a.b/train.en.jsonl.gz")), suffix(Path("train.en.jsonl"))
    ('.jsonl.gz', '.jsonl')
    """
    return "".join(path.suffixes[-2:]) if path.suffix == PACKED else path.suffix


def read(path: Path) -> Iterator[Record]:
    """The records of a file whose name ends with one of `SUFFIXES`; only a few are held at a time.

    Raises:
        BrokenFileError: it cannot be read any further.
        OSError: it cannot be opened.
    """
    return SUFFIXES[suffix(path)](path)


def taken(path: Path, take: Take) -> Iterator[tuple[int, Record]]:
    """The records of a file that are taken, each with its number; the file is read twice where they are a share.

    Raises:
        BrokenFileError: it cannot be read any further.
        OSError: it cannot be opened.
    """
    numbered = enumerate(read(path), start=1)
    if take.which == "all":
        return numbered
    if take.which == "first" and not take.percent:
        return islice(numbered, take.amount)
    return compress(numbered, take.among(sum(1 for _ in read(path))))
