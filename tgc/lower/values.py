"""Enumerated data: an inline list or a data file as values, each with a text and perhaps fields."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from tgc import ir
from tgc.errors import Diagnostic, RecipeError, Span
from tgc.lower import rows
from tgc.source import Document

NAMING_FIELDS = ("text", "name", "title", "question", "prompt", "instruction")
"""The fields that may be the text of a value with fields, the likeliest first; without them it is the first."""


def inline(document: Document, *loc: str | int) -> tuple[ir.Value, ...]:
    """The values of a list that stands in the recipe.

    Raises:
        RecipeError: the list is empty, holds something that is no value, or holds a value twice.
    """
    return _sound(rows.of(document, *loc), document.at(*loc))


def load(path: Path, shown: str) -> tuple[ir.Value, ...]:
    """The values in a data file.

    Raises:
        RecipeError: the file cannot be read as what it is called, or as for `inline`.
    """
    return _sound(rows.read(path, shown), Span(shown, 1, 1, 1, ""))


def _sound(found: Iterable[rows.Row], whole: Span) -> tuple[ir.Value, ...]:
    values: dict[str, tuple[ir.Value, rows.Row]] = {}
    problems: list[Diagnostic] = []
    for row in found:
        value = _value(row.datum)
        if value is None:
            problems.append(_no_value(row))
        elif value.content in values:
            problems.append(_duplicate(value, row, values[value.content][1]))
        else:
            values[value.content] = (value, row)
    if not values and not problems:
        problems.append(Diagnostic("empty-values", "there are no values here", whole))
    if problems:
        raise RecipeError(problems)
    return tuple(value for value, _ in values.values())


def _value(datum: object) -> ir.Value | None:
    if _flaw(datum) is not None:
        return None
    value = _with_fields(datum) if isinstance(datum, dict) else ir.Value(_text(datum))
    return value if value.text else None


def _flaw(datum: object) -> str | None:
    try:
        json.dumps(datum, ensure_ascii=False, allow_nan=not isinstance(datum, dict)).encode()
    except UnicodeEncodeError:
        return "a code point from `\\ud800` to `\\udfff` is half of a character; give both halves, or neither"
    except (RecursionError, TypeError, ValueError):
        return "what JSON can hold: text, finite numbers, `true`, `false`, `null`, lists and mappings"
    return None


def _with_fields(fields: dict[str, object]) -> ir.Value:
    naming = next((name for name in NAMING_FIELDS if name in fields), None)
    text = _text(fields[naming] if naming else next(iter(fields.values()), None))
    # Without a naming field the order of the fields says which one is the text, so it is kept.
    return ir.Value(text, json.dumps(fields, ensure_ascii=False, sort_keys=naming is not None))


def _text(datum: object) -> str:
    return str(datum).strip() if isinstance(datum, str | int | float) and not isinstance(datum, bool) else ""


def _no_value(row: rows.Row) -> Diagnostic:
    shown = json.dumps(row.datum, ensure_ascii=False, default=str)[:40].encode(errors="backslashreplace")
    hint = _flaw(row.datum) or (
        "text, a number, or a mapping whose `text`, `name` or first field is one; quote what should be text"
    )
    return Diagnostic("bad-value", f"`{shown.decode()}` is not a value", row.place(), hint)


def _duplicate(value: ir.Value, again: rows.Row, first: rows.Row) -> Diagnostic:
    where = first.place()
    hint = f"first given on line {where.line}, column {where.column}"
    return Diagnostic("duplicate-value", f"the value `{value.text}` is given twice", again.place(), hint)


def common_fields(values: Iterable[ir.Value]) -> frozenset[str] | None:
    """The fields that every value has; None where values are plain text."""
    names = list(_names(values))
    return frozenset.intersection(*names) if names else None


def _names(values: Iterable[ir.Value]) -> Iterator[frozenset[str]]:
    for value in values:
        if value.data is not None:
            yield frozenset(json.loads(value.data))
