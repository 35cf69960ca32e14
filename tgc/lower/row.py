"""A row of a data file: what stands there, and where."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from tgc.errors import Diagnostic, RecipeError, Span

NO_LIST = "a list of values should stand here"
LONGEST_LINE = 1_000
"""Longer lines are not quoted: a JSON file may be one line of many megabytes."""

D_co = TypeVar("D_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Row(Generic[D_co]):
    """A datum as it stands in its file, and where: found out only when it is to be shown."""

    datum: D_co
    place: Callable[[], Span]


def lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, numbered from 1; only line feeds end them."""
    for number, written in enumerate(text.split("\n"), start=1):
        if written and not written.isspace():
            yield number, written


def line(shown: str, number: int, text: str = "") -> Span:
    """The place of a whole line, or of its beginning where its text is not at hand."""
    text = text.rstrip("\r\n")
    return Span(shown, number, 1, max(len(text), 1), text)


def stretch(shown: str, text: str, start: int, end: int) -> Span:
    r"""The place of `text[start:end]`, cut at the end of its first line; only line feeds end lines.

    >>> stretch("a.json", '["a",\n "b"]', 7, 10)
    Span(path='a.json', line=2, column=2, length=3, text=' "b"]')
    """
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    last = len(text) if last < 0 else last
    quoted = text[first:last].rstrip("\r") if last - first <= LONGEST_LINE else ""
    length = max(min(end, last) - start, 1)
    return Span(shown, text.count("\n", 0, first) + 1, start - first + 1, length, quoted)


def refusal(message: str, place: Span, hint: str | None = None) -> RecipeError:
    """That a file is not what its name says."""
    return RecipeError([Diagnostic("bad-data", message, place, hint)])
