"""The items of a JSON array, decoded a few megabytes at a time."""

import json
import re
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from tgc.records.opened import CUT, UNPACKABLE, opened
from tgc.records.record import DECODER, LONGEST, BrokenFileError, Record, TwiceError, flaw

CHUNK = 1 << 22
"""Characters that are read at once."""

LONGEST_WORD = len(r"\ud83d\ude00")
"""An error so near to the end of what has been read may be due to what has not been."""

_BLANKS = re.compile(r"[ \t\n\r]*")
_LENIENT = json.JSONDecoder()


def read(path: Path) -> Iterator[Record]:
    """The items, with the lines on which they begin.

    Raises:
        BrokenFileError: the file is no JSON array, or cannot be unpacked; whatever comes before that is read.
    """
    with TextIOWrapper(opened(path), encoding="utf-8-sig", newline="") as file:
        yield from _items(_Window(file))


def _items(window: "_Window") -> Iterator[Record]:
    if window.peek() != "[":
        hint = "a file with a record on each line is called `.jsonl`"
        raise window.broken("a list of records should stand here", hint)
    window.skip()
    more = window.peek() != "]"
    while more:
        line = window.line
        yield Record(line, *window.take())
        more = window.peek() == ","
        if more:
            window.skip()
            window.peek()
    if window.peek() != "]":
        raise window.broken("not JSON: expecting `,` or `]`")
    window.skip()
    if window.peek():
        raise window.broken("not JSON: extra data")


class _Window:
    """A stretch of a text, moved along it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self.line = 1
        self._column = 1

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._move(blanks.end() if blanks else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._widen():
                return ""

    def skip(self) -> None:
        """Pass by one character."""
        self._move(self._at + 1)

    def take(self) -> tuple[object, str | None]:
        """The JSON value that begins here, or what is wrong with it if others follow."""
        while True:
            try:
                datum, end, wrong = _decoded(self._text, self._at)
            except (ValueError, RecursionError) as error:
                ahead = error.pos - self._at if isinstance(error, json.JSONDecodeError) else 0
                if not (self._is_cut(error) and self._widen()):
                    self._move(self._at + ahead)
                    raise self.broken(flaw(error)) from error
            else:
                if end < len(self._text) or not self._widen():  # a number may go on
                    self._move(end)
                    return datum, wrong

    def broken(self, message: str, hint: str | None = None) -> BrokenFileError:
        """That the file cannot be read any further than here."""
        return BrokenFileError(message, self.line, hint, self._column)

    def _is_cut(self, error: ValueError | RecursionError) -> bool:
        """Whether more of the text may mend it."""
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.msg.startswith("Unterminated") or error.pos >= len(self._text) - LONGEST_WORD

    def _move(self, at: int) -> None:
        below = self._text.count("\n", self._at, at)
        self.line += below
        self._column = at - self._text.rfind("\n", self._at, at) if below else self._column + at - self._at
        self._at = at

    def _widen(self) -> bool:
        """Read on; whether there was more."""
        if len(self._text) - self._at > LONGEST:
            raise self.broken(f"a record of more than {LONGEST:,} characters")
        try:
            more = self._file.read(CHUNK)
        except UnicodeDecodeError as error:
            raise self.broken(flaw(error)) from error
        except UNPACKABLE as error:
            raise self.broken(CUT) from error
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)


def _decoded(text: str, at: int) -> tuple[object, int, str | None]:
    """A value and its end, or what is lost of it and where that ends."""
    try:
        return (*DECODER.raw_decode(text, at), None)
    except TwiceError as error:
        _, end = _LENIENT.raw_decode(text, at)
        return None, end, flaw(error)
