"""A place of a file of records, with its line where that can be shown."""

from pathlib import Path

from tgc.errors import Span
from tgc.lower.row import LONGEST_LINE, line
from tgc.records import opened, suffix

WRITTEN = frozenset({".json", ".jsonl", ".json.gz", ".jsonl.gz"})
"""Files that have lines, rather than rows by number."""

CHUNK = 1 << 20
"""Bytes that are passed by at once, for a line may be a whole file."""


def place(path: Path, number: int, column: int = 1) -> Span:
    """A column of a line; the whole line where the column is its first."""
    text = _line(path, number) if suffix(path) in WRITTEN else ""
    if column == 1:
        return line(str(path), number, text)
    return Span(str(path), number, column, 1, text)


def _line(path: Path, number: int) -> str:
    """What stands on a line; nothing where that is too long, or cannot be read."""
    try:
        with opened(path) as file:
            passed = 1
            while passed < number and (part := file.readline(CHUNK)):
                passed += part.endswith(b"\n")
            text = file.readline(LONGEST_LINE).decode("utf-8-sig" if number == 1 else "utf-8")
    except (OSError, EOFError, UnicodeDecodeError):
        return ""
    return "" if len(text) >= LONGEST_LINE else text.rstrip("\r\n")
