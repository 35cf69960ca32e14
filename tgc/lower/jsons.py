"""What json and jsonl files hold, item by item."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from tgc import source
from tgc.lower.row import NO_LIST, Row, line, lines, refusal, stretch
from tgc.records import flaw

_BLANKS = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()

Extent = tuple[int, int]


class _FlawError(ValueError):
    """What is wrong with a text, at which offset."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def items(path: Path, shown: str) -> Iterator[Row[object]]:
    """The items of the list that a json file holds.

    Raises:
        RecipeError: it is not JSON, or no list; or as `source.read`.
    """
    text = source.read(path, shown)
    try:
        for datum, (start, end) in _items(text):
            yield Row(datum, partial(stretch, shown, text, start, end))
    except _FlawError as error:
        raise refusal(str(error), stretch(shown, text, error.at, error.at)) from error


def per_line(path: Path, shown: str) -> Iterator[Row[object]]:
    """What stands on each line of a jsonl file.

    Raises:
        RecipeError: a line is not JSON; or as `source.read`.
    """
    for number, text in lines(source.read(path, shown)):
        try:
            yield Row(_whole(text), partial(line, shown, number, text))
        except _FlawError as error:
            place = stretch(shown, text, error.at, error.at)
            raise refusal(str(error), replace(place, line=number)) from error


def _whole(text: str) -> object:
    datum, end = _decoded(text, _past_blanks(text, 0))
    _ended(text, end)
    return datum


def _items(text: str) -> Iterator[tuple[object, Extent]]:
    """Each item with its extent; one at a time, so that a long list is never held as a whole."""
    at = _past_blanks(text, 0)
    if not text.startswith("[", at):
        _whole(text)
        raise _FlawError(NO_LIST, at)
    at = _past_blanks(text, at + 1)
    more = not text.startswith("]", at)
    while more:
        datum, end = _decoded(text, at)
        yield datum, (at, end)
        at = _past_blanks(text, end)
        more = text.startswith(",", at)
        at = _past_blanks(text, at + more)
    if not text.startswith("]", at):
        raise _FlawError("not JSON: expecting `,` or `]`", at)
    _ended(text, at + 1)


def _decoded(text: str, at: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise _FlawError(flaw(error), error.pos) from error
    except (ValueError, RecursionError) as error:
        raise _FlawError(flaw(error), at) from error


def _ended(text: str, at: int) -> None:
    at = _past_blanks(text, at)
    if at < len(text):
        raise _FlawError("not JSON: extra data", at)


def _past_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at
