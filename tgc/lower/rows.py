"""Rows of a data file, whatever its format, each with its place in the file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from functools import partial
from itertools import chain, islice
from pathlib import Path, PurePosixPath

from tgc import fingerprint, source
from tgc.datafile import DataFile
from tgc.errors import Diagnostic, RecipeError, Span, nearest
from tgc.lower import iab, jsons, tables
from tgc.lower.row import NO_LIST, Row, line, lines, refusal
from tgc.source import Document

POINTER = b"version https://git-lfs.github.com/spec/v1"
"""The first line of every pointer (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md)."""


def read(path: Path, shown: str) -> Iterator[Row[object]]:
    """The rows of a txt, yaml, json, jsonl, csv, tsv or parquet file.

    A table of one column gives texts, of more it gives mappings; one of IAB Tech Lab's taxonomies gives its
    topics. Cells of csv and tsv are text, with the line breaks they have; parquet's become `plain`.

    Raises:
        RecipeError: the file cannot be read as what it is called; the span is the line to blame.
    """
    if not is_data(path):
        hint = nearest(path.suffix, _READERS)
        raise RecipeError([Diagnostic("unknown-data-format", f"`{shown}` is in no known format", None, hint)])
    refuse_pointer(path, shown)
    return _READERS[path.suffix](path, shown)


def contents(file: DataFile, path: Path) -> tuple[DataFile, ...]:
    """A data file with what stands in it at `path`; if that is a folder, every data file below it.

    Raises:
        RecipeError: as for `read`, or nothing stands there.
    """
    if source.is_directory(path):
        below = sorted(inner for inner in path.rglob("*") if is_data(inner) and inner.is_file())
        home = PurePosixPath(file.name)
        named = [((home / inner.relative_to(path).as_posix()).as_posix(), inner) for inner in below]
    else:
        named = [(file.name, path)]
    found = tuple(_filled(replace(file, name=name), inner) for name, inner in named)
    if not any(one.rows for one in found):
        raise RecipeError([Diagnostic("empty-values", f"nothing stands in `{file.name}`")])
    return found


def is_data(path: Path) -> bool:
    """Whether the name of a file says that it is in a format that can be read."""
    return path.suffix in _READERS


def of(document: Document, *loc: str | int) -> Iterator[Row[object]]:
    """The items of a list in a YAML document."""
    data = document.get(*loc)
    if not isinstance(data, list):
        raise refusal(NO_LIST, document.at(*loc))
    for index, datum in enumerate(data):
        yield Row(datum, partial(document.at, *loc, index))


def narrowed(row: Mapping[str, object]) -> object:
    """A row of one column as what stands there, of more as a mapping."""
    return next(iter(row.values())) if len(row) == 1 else row


def plain(cell: object) -> object:
    """A cell of a typed table as JSON has it: dates and times in ISO 8601, decimals in digits, both as text."""
    match cell:
        case date() | time():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}"
        case list():
            return [plain(item) for item in cell]
        case dict():
            return {name: plain(item) for name, item in cell.items()}
        case _:
            return cell


def refuse_pointer(path: Path, shown: str) -> None:
    """Of what Git LFS keeps in place of a file: it would else be read as data, as text of two columns.

    Raises:
        RecipeError: the file is such a pointer.
    """
    with path.open("rb") as file:
        first = file.readline(len(POINTER) + 2).rstrip(b"\r\n")
    if first == POINTER:
        message = f"`{shown}` is a pointer that Git LFS keeps in place of the file"
        place = line(shown, 1, first.decode())
        raise RecipeError(
            [Diagnostic("lfs-pointer", message, place, "`git lfs pull` fetches the file itself")]
        )


def _filled(file: DataFile, path: Path) -> DataFile:
    found = tuple(row.datum for row in read(path, str(path)))
    return replace(file, rows=found, digest=fingerprint.of_file(path))


def _yaml(path: Path, shown: str) -> Iterator[Row[object]]:
    return of(source.load(path, shown))


def _txt(path: Path, shown: str) -> Iterator[Row[object]]:
    for number, text in lines(source.read(path, shown)):
        yield Row(text.strip(), partial(line, shown, number, text))


def _table(path: Path, shown: str, delimiter: str) -> Iterator[Row[object]]:
    records = tables.records(path, shown, delimiter)
    head = list(islice(records, 2))
    topics = iab.headed(head)
    if topics is not None:
        yield from iab.topics(tables.rows(chain(topics, records)))
    else:
        for row in tables.rows(chain(head, records)):
            yield Row(narrowed(row.datum), row.place)


def _parquet(path: Path, shown: str) -> Iterator[Row[object]]:
    import polars as pl

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise refusal("this is not a parquet file", line(shown, 1)) from error
    try:
        for index, row in enumerate(frame.iter_rows(named=True)):
            yield Row(plain(narrowed(row)), partial(Span, shown, index + 1, 1, 1, f"row {index + 1}"))
    except (ArithmeticError, ValueError, pl.exceptions.PanicException) as error:
        problem = Diagnostic("bad-value", f"a cell cannot be read: {error}", line(shown, 1))
        raise RecipeError([problem]) from error


_READERS: dict[str, Callable[[Path, str], Iterator[Row[object]]]] = {
    ".csv": partial(_table, delimiter=","),
    ".json": jsons.items,
    ".jsonl": jsons.per_line,
    ".parquet": _parquet,
    ".tsv": partial(_table, delimiter="\t"),
    ".txt": _txt,
    ".yaml": _yaml,
    ".yml": _yaml,
}
