"""Rows of a data file, whatever its format, each with its place in the file."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import partial
from pathlib import Path

from tgc import source
from tgc.errors import Diagnostic, RecipeError, Span, nearest
from tgc.source import Document


@dataclass(frozen=True, slots=True)
class Row:
    """A datum as it stands in its file, and where: found out only when it is to be shown."""

    datum: object
    place: Callable[[], Span]


def read(path: Path, shown: str) -> Iterator[Row]:
    """The rows of a txt, yaml, json, jsonl, csv, tsv or parquet file.

    A table of one column gives texts, of more it gives mappings. Cells of csv and tsv are text, with the line
    breaks they have; dates and decimals of parquet are text as ISO 8601 and in digits.

    Raises:
        RecipeError: the file cannot be read as what it is called; the span is the line to blame.
    """
    if not is_data(path):
        hint = nearest(path.suffix, _READERS)
        raise RecipeError([Diagnostic("unknown-data-format", f"`{shown}` is in no known format", None, hint)])
    return _READERS[path.suffix](path, shown)


def is_data(path: Path) -> bool:
    """Whether the name of a file says that it is in a format that can be read."""
    return path.suffix in _READERS


def of(document: Document, *loc: str | int) -> Iterator[Row]:
    """The items of a list in a YAML document."""
    data = document.get(*loc)
    if not isinstance(data, list):
        raise RecipeError([Diagnostic("bad-data", "a list of values should stand here", document.at(*loc))])
    for index, datum in enumerate(data):
        yield Row(datum, partial(document.at, *loc, index))


def _yaml(path: Path, shown: str) -> Iterator[Row]:
    return of(source.load(path, shown))


def _json(path: Path, shown: str) -> Iterator[Row]:
    text = source.read(path, shown)
    data = _decoded(text, 1, shown)
    if not isinstance(data, list):
        place = source.span(shown, text, 0, 1)
        raise RecipeError([Diagnostic("bad-data", "a list of values should stand here", place)])
    for index, datum in enumerate(data):
        yield Row(datum, partial(Span, shown, 1, 1, 1, f"item {index + 1}"))


def _jsonl(path: Path, shown: str) -> Iterator[Row]:
    for number, line in _lines(path, shown):
        yield Row(_decoded(line, number, shown), partial(_line, shown, number, line))


def _txt(path: Path, shown: str) -> Iterator[Row]:
    for number, line in _lines(path, shown):
        yield Row(line.strip(), partial(_line, shown, number, line))


def _table(path: Path, shown: str, delimiter: str) -> Iterator[Row]:
    records = _records(path, shown, delimiter)
    header, top = next(records, ([], partial(Span, shown, 1, 1, 1, "")))
    repeated = next((name for index, name in enumerate(header) if name in header[:index]), None)
    if repeated is not None:
        raise RecipeError([Diagnostic("bad-data", f"two columns are called `{repeated}`", top())])
    for cells, place in records:
        if len(cells) != len(header):
            message = f"the header has {len(header)} columns, this row has {len(cells)}"
            raise RecipeError([Diagnostic("bad-data", message, place())])
        yield Row(_narrowed(dict(zip(header, cells, strict=True))), place)


def _records(path: Path, shown: str, delimiter: str) -> Iterator[tuple[list[str], Callable[[], Span]]]:
    lines = list(io.StringIO(source.read(path, shown), newline=""))  # cells keep their line breaks
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    first = 1
    try:
        for cells in reader:
            if cells:
                yield cells, partial(_line, shown, first, lines[first - 1])
            first = reader.line_num + 1
    except csv.Error as error:
        last = _line(shown, reader.line_num, lines[reader.line_num - 1])
        raise RecipeError([Diagnostic("bad-data", str(error), last)]) from error


def _parquet(path: Path, shown: str) -> Iterator[Row]:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        problem = Diagnostic("bad-data", "this is not a parquet file", Span(shown, 1, 1, 1, ""))
        raise RecipeError([problem]) from error
    try:
        for index, row in enumerate(frame.iter_rows(named=True)):
            yield Row(_plain(_narrowed(row)), partial(Span, shown, index + 1, 1, 1, f"row {index + 1}"))
    except (ArithmeticError, ValueError, pl.exceptions.PanicException) as error:
        problem = Diagnostic("bad-value", f"a cell cannot be read: {error}", Span(shown, 1, 1, 1, ""))
        raise RecipeError([problem]) from error


def _narrowed(row: Mapping[str, object]) -> object:
    return next(iter(row.values())) if len(row) == 1 else row


def _plain(cell: object) -> object:
    match cell:
        case date() | time():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}"
        case list():
            return [_plain(item) for item in cell]
        case dict():
            return {name: _plain(item) for name, item in cell.items()}
        case _:
            return cell


def _lines(path: Path, shown: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(re.split(r"\r?\n", source.read(path, shown)), start=1):
        if line.strip():
            yield number, line


def _line(shown: str, number: int, line: str) -> Span:
    text = line.rstrip("\r\n")
    return Span(shown, number, 1, max(len(text), 1), text)


def _decoded(text: str, number: int, shown: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = text.split("\n")[error.lineno - 1].rstrip("\r")
        place = Span(shown, number + error.lineno - 1, error.colno, 1, line)
        message = f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise RecipeError([Diagnostic("bad-data", message, place)]) from error
    except (RecursionError, ValueError) as error:
        message = (
            "nested too deeply" if isinstance(error, RecursionError) else "a number with too many digits"
        )
        raise RecipeError([Diagnostic("bad-data", message, Span(shown, number, 1, 1, ""))]) from error


_READERS: dict[str, Callable[[Path, str], Iterator[Row]]] = {
    ".csv": partial(_table, delimiter=","),
    ".json": _json,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
    ".tsv": partial(_table, delimiter="\t"),
    ".txt": _txt,
    ".yaml": _yaml,
    ".yml": _yaml,
}
