"""Texts and stretches of them: what a value's place is, whichever file the value came from."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from tgc.errors import Span

_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")  # what PyYAML counts as the end of a line


@dataclass(frozen=True, slots=True)
class Source:
    """A text, and the file that it stands in as the user named it."""

    path: str
    text: str


class Extent(NamedTuple):
    """A stretch of a source, from the first offset up to the last."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """What is written there."""
        return self.source.text[self.start : self.end]

    @property
    def span(self) -> Span:
        """The place as a diagnostic shows it."""
        return span(self.source.path, self.source.text, self.start, self.end)

    def part(self, start: int, end: int) -> "Extent":
        """A stretch of this one; offsets count from where this one starts."""
        return Extent(self.source, self.start + start, self.start + end)


def span(path: str, text: str, start: int, end: int) -> Span:
    """The place of `text[start:end]`, cut at the end of its first line."""
    first, number = 0, 1
    for match in _BREAK.finditer(text, 0, start):
        first, number = match.end(), number + 1
    after = _BREAK.search(text, first)
    line = text[first : after.start() if after else len(text)]
    length = len(line[start - first : end - first].rstrip())
    return Span(path, number, start - first + 1, max(length, 1), line)
