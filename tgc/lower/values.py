"""Enumerated data: a list, a data file, a taxonomy or a query as values, each with a text and perhaps fields."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tgc import ir, schema
from tgc.errors import Diagnostic, RecipeError, Span
from tgc.lower import rows, taxonomy
from tgc.lower.row import Row, line
from tgc.source import Document

_AS_WRITTEN = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_SORTED = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True).encode

Read = Callable[[], Iterable[Row[object]]]


def inline(document: Document, *loc: str | int) -> tuple[ir.Value, ...]:
    """The values of a list that stands in the recipe.

    Raises:
        RecipeError: the list is empty, holds something that is no value, or holds a value twice.
    """
    return _sound(lambda: rows.of(document, *loc), document.at(*loc))


def load(path: Path, shown: str) -> tuple[ir.Value, ...]:
    """The values in a data file, or the topics of a folder that is a taxonomy.

    Raises:
        RecipeError: the file cannot be read as what it is called, or as for `inline`; what is wrong with a folder
            itself has no place but where it is named.
    """
    if path.is_dir():
        return _sound(lambda: taxonomy.read(path, shown), None)
    return _sound(lambda: rows.read(path, shown), line(shown, 1))


def answered(found: Iterable[Mapping[str, object]], place: Span) -> tuple[ir.Value, ...]:
    """The values in the rows that a query at `place` gave, by column; sorted, as rows have no order of their own.

    One column gives texts, more give fields; cells become `rows.plain`.

    Raises:
        RecipeError: there are no rows, one is no value, or one comes twice.
    """
    values: dict[str, ir.Value] = {}
    for row in found:
        datum = rows.plain(rows.narrowed(row))
        value = _value(datum)
        if value is None:
            raise RecipeError([_no_answer(datum, place)])
        if value.content in values:
            raise RecipeError([_repeated_answer(value, place)])
        values[value.content] = value
    if not values:
        hint = "run it with `tgc sql`; it can only give what earlier builds have left in the warehouse"
        raise RecipeError([Diagnostic("empty-values", "the query gives no rows", place, hint)])
    return tuple(values[content] for content in sorted(values))


def common_fields(values: Iterable[ir.Value]) -> frozenset[str] | None:
    """The fields that every value has; None where no value has any."""
    shapes = {None if value.data is None else frozenset(json.loads(value.data)) for value in values}
    return None if shapes <= {None} else frozenset.intersection(*(shape or frozenset() for shape in shapes))


def _sound(read: Read, whole: Span | None) -> tuple[ir.Value, ...]:
    values: dict[str, ir.Value] = {}
    again: list[tuple[ir.Value, Row[object]]] = []
    problems: list[Diagnostic] = []
    for row in read():
        value = _value(row.datum)
        if value is None:
            problems.append(_no_value(row))
        elif value.content in values:
            again.append((value, row))
        else:
            values[value.content] = value
    problems += _duplicates(again, read)
    if not values and not problems:
        problems.append(Diagnostic("empty-values", "there are no values here", whole))
    if problems:
        raise RecipeError(problems)
    return tuple(values.values())


def _value(datum: object) -> ir.Value | None:
    try:
        value = _with_fields(datum) if isinstance(datum, dict) else ir.Value(_text(datum))
        value.content.encode()
    except (RecursionError, TypeError, ValueError):
        return None
    return value if value.text else None


def _with_fields(fields: dict[str, object]) -> ir.Value:
    for name in schema.NAMING_FIELDS:
        if name in fields:
            return ir.Value(_text(fields[name]), _SORTED(fields))
    # Without a naming field the order of the fields says which one is the text, so it is kept.
    return ir.Value(_text(next(iter(fields.values()), None)), _AS_WRITTEN(fields))


def _text(datum: object) -> str:
    match datum:
        case str():
            return datum.strip()
        case int() | float() if not isinstance(datum, bool):
            return str(datum)
        case _:
            return ""


def _flaw(datum: object) -> str | None:
    try:
        json.dumps(datum, ensure_ascii=False, allow_nan=not isinstance(datum, dict)).encode()
    except UnicodeEncodeError:
        return "a code point from `\\ud800` to `\\udfff` is half of a character; give both halves, or neither"
    except (RecursionError, TypeError, ValueError):
        return "what JSON can hold: text, finite numbers, `true`, `false`, `null`, lists and mappings"
    return None


def _no_value(row: Row[object]) -> Diagnostic:
    hint = _flaw(row.datum) or (
        "text, a number, or a mapping whose `text`, `name` or first field is one; quote what should be text"
    )
    return Diagnostic("bad-value", f"`{_shown(row.datum)}` is not a value", row.place(), hint)


def _no_answer(datum: object, place: Span) -> Diagnostic:
    hint = (
        _flaw(datum) or "its only column, or one called `text` or `name`, or its first, holds text or numbers"
    )
    return Diagnostic("bad-value", f"the query gives `{_shown(datum)}`, which is not a value", place, hint)


def _shown(datum: object) -> str:
    try:
        text = json.dumps(datum, ensure_ascii=False, default=str)
    except RecursionError:
        text = "…"
    return text[:40].encode(errors="backslashreplace").decode()


def _repeated_answer(value: ir.Value, place: Span) -> Diagnostic:
    hint = "`select distinct` gives every row once"
    return Diagnostic("duplicate-value", f"the query gives the value `{value.text}` twice", place, hint)


def _duplicates(again: Sequence[tuple[ir.Value, Row[object]]], read: Read) -> Iterator[Diagnostic]:
    """What is said of values that came before; where, is read a second time, and not kept for a million rows."""
    if not again:
        return
    wanted = {value.content for value, _ in again}
    firsts: dict[str, Span] = {}
    for row in read():
        value = _value(row.datum)
        if value is not None and value.content in wanted and value.content not in firsts:
            firsts[value.content] = row.place()
    for value, row in again:
        first = firsts[value.content]
        hint = f"first given on line {first.line}, column {first.column}"
        yield Diagnostic("duplicate-value", f"the value `{value.text}` is given twice", row.place(), hint)
