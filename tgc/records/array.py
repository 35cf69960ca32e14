"""The items of a JSON array, decoded a few megabytes at a time."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tgc.records.record import LONGEST, BrokenFileError, Record, flaw

CHUNK = 1 << 22
"""Characters that are read at once."""

LONGEST_WORD = len(r"\ud83d\ude00")
"""An error so near to the end of what has been read may be due to what has not been."""

_BLANKS = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def read(path: Path) -> Iterator[Record]:
    """The items, with the lines on which they begin.

    Raises:
        BrokenFileError: the file is no JSON array; whatever comes before that is read.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from _items(_Window(file))


def _items(window: "_Window") -> Iterator[Record]:
    if window.peek() != "[":
        hint = "a file with a record on each line is called `.jsonl`"
        raise BrokenFileError("a list of records should stand here", window.line, hint)
    window.skip()
    more = window.peek() != "]"
    while more:
        line = window.line
        yield Record(line, window.take())
        more = window.peek() == ","
        if more:
            window.skip()
            window.peek()
    if window.peek() != "]":
        raise BrokenFileError("not JSON: expecting `,` or `]`", window.line)
    window.skip()
    if window.peek():
        raise BrokenFileError("not JSON: extra data", window.line)


class _Window:
    """A stretch of a text, moved along it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self.line = 1

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
        self._at += 1

    def take(self) -> object:
        """The JSON value that begins here."""
        while True:
            try:
                datum, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if not (self._is_cut(error) and self._widen()):
                    raise BrokenFileError(flaw(error), self.line) from error
            else:
                if end < len(self._text) or not self._widen():  # a number may go on
                    self._move(end)
                    return datum

    def _is_cut(self, error: ValueError | RecursionError) -> bool:
        """Whether more of the text may mend it."""
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.msg.startswith("Unterminated") or error.pos >= len(self._text) - LONGEST_WORD

    def _move(self, at: int) -> None:
        self.line += self._text.count("\n", self._at, at)
        self._at = at

    def _widen(self) -> bool:
        """Read on; whether there was more."""
        if len(self._text) - self._at > LONGEST:
            raise BrokenFileError(f"a record of more than {LONGEST:,} characters", self.line)
        try:
            more = self._file.read(CHUNK)
        except UnicodeDecodeError as error:
            raise BrokenFileError(flaw(error), self.line) from error
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)
