"""Tables as csv and tsv files hold them: a row of names, then rows of cells."""

import csv
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tgc import source
from tgc.counts import count
from tgc.lower.row import Row, line, refusal

Record = Row[list[str]]
"""The cells of one row, as they are written."""

HEADER = "the first row names the columns, each by its own name; remove what stands above it"

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


def records(path: Path, shown: str, delimiter: str) -> Iterator[Record]:
    """All rows of a table that have any text, the names of the columns among them.

    Raises:
        RecipeError: a quote is not closed; or as `source.read`.
    """
    lines = _LINES.findall(source.read(path, shown))  # cells keep their line breaks
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    first = 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                yield Row(cells, partial(line, shown, first, lines[first - 1]))
            first = reader.line_num + 1
    except csv.Error as error:
        last = line(shown, reader.line_num, lines[reader.line_num - 1])
        raise refusal(str(error), last) from error


def rows(found: Iterator[Record]) -> Iterator[Row[dict[str, str]]]:
    """What stands below the names of the columns, by name; columns without a name are empty and come last.

    Raises:
        RecipeError: a column has no name or another's, or a row has more or fewer cells.
    """
    for header in found:
        names = _names(header)
        for record in found:
            _fit(record, len(header.datum), len(names))
            yield Row(dict(zip(names, record.datum, strict=False)), record.place)


def _names(header: Record) -> list[str]:
    names = [cell.strip() for cell in header.datum]
    while not names[-1]:
        names.pop()
    for index, name in enumerate(names):
        if not name:
            raise refusal(f"column {index + 1} has no name", header.place(), HEADER)
        if name in names[:index]:
            raise refusal(f"two columns are called `{name}`", header.place(), HEADER)
    return names


def _fit(record: Record, width: int, named: int) -> None:
    if len(record.datum) != width:
        message = f"the header has {count(width, 'column')}, this row has {len(record.datum)}"
        raise refusal(message, record.place())
    nameless = next(filter(None, record.datum[named:]), None)
    if nameless is not None:
        raise refusal(f"`{nameless}` stands in a column without a name", record.place(), HEADER)
