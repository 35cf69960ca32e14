"""Rows of a data file, whatever its format, each with its place in the file."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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

    A table of one column gives texts, of more it gives mappings. Cells of csv and tsv are text.

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
    lines = source.read(path, shown).splitlines()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
        for cells in reader:
            place = partial(_line, shown, reader.line_num, lines[reader.line_num - 1])
            if cells and len(cells) != len(header):
                message = f"the header has {len(header)} columns, this row has {len(cells)}"
                raise RecipeError([Diagnostic("bad-data", message, place())])
            if cells:
                yield Row(_narrowed(dict(zip(header, cells, strict=True))), place)
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
    for index, row in enumerate(frame.iter_rows(named=True)):
        yield Row(_narrowed(row), partial(Span, shown, index + 1, 1, 1, f"row {index + 1}"))


def _narrowed(row: dict[str, object]) -> object:
    return next(iter(row.values())) if len(row) == 1 else row


def _lines(path: Path, shown: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(source.read(path, shown).splitlines(), start=1):
        if line.strip():
            yield number, line


def _line(shown: str, number: int, line: str) -> Span:
    return Span(shown, number, 1, max(len(line), 1), line)


def _decoded(text: str, number: int, shown: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = (text.splitlines() or [""])[error.lineno - 1 if error.lineno <= text.count("\n") + 1 else -1]
        place = Span(shown, number + error.lineno - 1, error.colno, 1, line)
        message = f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise RecipeError([Diagnostic("bad-data", message, place)]) from error


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
