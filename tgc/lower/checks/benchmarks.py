"""Benchmarks to decontaminate against hold the fields that count, and text in them."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tgc.datafile import DataFile
from tgc.errors import Diagnostic, nearest
from tgc.filters.decontaminate import Decontaminate, texts
from tgc.lower.outline import Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which fields no benchmark of a filter has, and which benchmark has no text to compare with."""
    for index, (written, given) in enumerate(zip(outline.recipe.filters, outline.filters, strict=True)):
        match written, given:
            case Decontaminate(), Decontaminate() if all(file.digest for file in given.against):
                unknown = list(_unknown(outline, index, given))
                yield from unknown or _mute(outline, index, written.against, given)


def _unknown(outline: Outline, index: int, given: Decontaminate) -> Iterator[Diagnostic]:
    rows = [row for file in given.against for row in file.rows]
    known = {name for row in rows if isinstance(row, dict) for name in row}
    for place, name in enumerate(given.fields):
        if name not in known:
            span = outline.reading.document.at("filters", index, "fields", place)
            hint = nearest(name, known) or "their rows are plain text; leave `fields` out"
            yield Diagnostic("unknown-field", f"no benchmark has a field `{name}`", span, hint)


def _mute(
    outline: Outline, index: int, named: tuple[DataFile, ...], given: Decontaminate
) -> Iterator[Diagnostic]:
    for place, name in enumerate(file.name for file in named):
        files = [file for file in given.against if PurePosixPath(file.name).is_relative_to(name)]
        if not any(any(texts(row, given.fields)) for file in files for row in file.rows):
            span = outline.reading.document.at("filters", index, "against", place)
            where = f" in {_either(given.fields)}" if given.fields else ""
            yield Diagnostic("empty-values", f"`{name}` has no text{where}", span)


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(f"`{name}`" for name in names)
