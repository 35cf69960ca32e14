"""Fenced code blocks of Markdown, and the prose around them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

OPENING = re.compile(r"[ \t]*(`{3,})([^`\n]*)")
SPAN = re.compile(r"(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the first word behind its fence in lower case, the lines in it, and whether it is closed."""

    language: str
    text: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines outside of fences."""

    text: str


Part: TypeAlias = Block | Prose


def parts(text: str) -> Iterator[Part]:
    r"""A text's blocks and prose, in their order.

    As in CommonMark (0.31, section 4.5), a fence is three or more backticks, and is closed by as many or more
    alone on a line. Unlike there, it may be indented by any amount, as it is in lists, and tildes are none: what
    they are put under is a heading in reStructuredText.

    >>> for part in parts("See:\n```py\nx = 1\n```\nDone."):
    ...     print(part)
    Prose(text='See:')
    Block(language='py', text='x = 1', closed=True)
    Prose(text='Done.')
    """
    lines, at, told = text.replace("\r\n", "\n").split("\n"), 0, list[str]()
    while at < len(lines):
        fence = OPENING.fullmatch(lines[at])
        if fence is None:
            told.append(lines[at])
            at += 1
            continue
        if told:
            yield Prose("\n".join(told))
            told = []
        end = _end(lines, at + 1, len(fence[1]))
        yield Block(_language(fence[2]), "\n".join(lines[at + 1 : end]), end < len(lines))
        at = end + 1
    if told:
        yield Prose("\n".join(told))


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a text."""
    return (part for part in parts(text) if isinstance(part, Block))


def prose(text: str) -> str:
    """A text without its fenced blocks and code spans."""
    told = "\n".join(part.text for part in parts(text) if isinstance(part, Prose))
    return SPAN.sub("", told)


def _end(lines: list[str], start: int, ticks: int) -> int:
    closing = re.compile(rf"[ \t]*`{{{ticks},}}[ \t]*")
    return next((at for at in range(start, len(lines)) if closing.fullmatch(lines[at])), len(lines))


def _language(info: str) -> str:
    words = info.strip().strip("{}").lstrip(".").split()
    return words[0].rstrip(",;").lower() if words else ""
