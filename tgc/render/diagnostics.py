"""Diagnostics as text: with snippets for people, in one line, as JSON, or as GitHub annotations."""

import json
from collections.abc import Iterable, Iterator

from tgc.errors import Diagnostic, Span
from tgc.render.table import width

WIDEST_SNIPPET = 100

_RED, _YELLOW, _BLUE, _PLAIN = "\033[1;31m", "\033[1;33m", "\033[1;34m", "\033[0m"


def human(diagnostics: Iterable[Diagnostic], colour: bool = False) -> str:
    """Each with the line it is about and a caret under the place, a blank line between them."""
    return "\n\n".join("\n".join(_paragraph(diagnostic, colour)) for diagnostic in diagnostics)


def concise(diagnostics: Iterable[Diagnostic]) -> str:
    """One line each: `file:line:col: severity: message [code]`."""
    return "\n".join(
        _printable(
            f"{_where(diagnostic.span)}{diagnostic.severity}: {diagnostic.message} [{diagnostic.code}]"
        )
        for diagnostic in diagnostics
    )


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """A JSON array of objects with path, line, column, length, severity, code, message and hint."""
    return json.dumps([_fields(diagnostic) for diagnostic in diagnostics], indent=2, ensure_ascii=False)


def github(diagnostics: Iterable[Diagnostic]) -> str:
    """Workflow commands that annotate a pull request, one line each."""
    return "\n".join(_annotation(diagnostic) for diagnostic in diagnostics)


def _paragraph(diagnostic: Diagnostic, colour: bool) -> Iterator[str]:
    tone = _RED if diagnostic.severity == "error" else _YELLOW
    label = _painted(f"{diagnostic.severity}[{diagnostic.code}]", tone, colour)
    yield f"{label}: {_printable(diagnostic.message)}"
    if diagnostic.span is not None:
        yield from _snippet(diagnostic.span, tone, colour)
    if diagnostic.hint is not None:
        yield f"{_painted('hint', _BLUE, colour)}: {_printable(diagnostic.hint)}"


def _snippet(span: Span, tone: str, colour: bool) -> Iterator[str]:
    number = str(span.line)
    margin = " " * len(number)
    yield f"{margin}--> {_where(span).removesuffix(': ')}"
    if span.text:
        line, start, length = _cropped(span)
        before, marked = line[:start], line[start : start + length]
        caret = _painted("^" * max(width(marked), 1), tone, colour)
        yield f"{margin} |"
        yield f"{number} | {line}".rstrip()
        yield f"{margin} | {' ' * width(before)}{caret}"


def _cropped(span: Span) -> tuple[str, int, int]:
    """The line, the offset of the place in it and its length; a long line is cut down around the place."""
    line, start = _printable(span.text), span.column - 1
    if len(line) <= WIDEST_SNIPPET:
        return line.rstrip(), start, span.length
    first = max(0, min(start - WIDEST_SNIPPET // 3, len(line) - WIDEST_SNIPPET))
    shown = line[first : first + WIDEST_SNIPPET]
    head, tail = "…" if first else "", "…" if first + WIDEST_SNIPPET < len(line) else ""
    return f"{head}{shown}{tail}", start - first + len(head), min(span.length, WIDEST_SNIPPET - start + first)


def _annotation(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    place = ""
    if span is not None:
        end = span.column + span.length
        place = f"file={_escaped(span.path)},line={span.line},col={span.column},endColumn={end},"
    hint = f"\n{diagnostic.hint}" if diagnostic.hint else ""
    message = f"{diagnostic.message}{hint}".replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{diagnostic.severity} {place}title={diagnostic.code}::{message}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def _fields(diagnostic: Diagnostic) -> dict[str, str | int | None]:
    span = diagnostic.span
    return {
        "path": span.path if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "length": span.length if span else None,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
    }


def _where(span: Span | None) -> str:
    return f"{span.path}:{span.line}:{span.column}: " if span else ""


def _painted(text: str, tone: str, colour: bool) -> str:
    return f"{tone}{text}{_PLAIN}" if colour else text


def _printable(text: str) -> str:
    """Without characters that could steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
