"""Text that a model wrote, fit for a terminal: what would move the cursor or turn the line is spelled out."""

import json
import re

from tgc.render.table import width

BAR = "  │ "
"""Before each line of a text, so that space at its ends can be seen too."""

_UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f"  # controls, less the line feed
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # order of writing
    "\u2028\u2029\ufeff\ud800-\udfff]"  # ends of lines and paragraphs, byte order marks, halves of pairs
)


def plain(text: str) -> str:
    r"""The text with control characters spelled out; line feeds stay.

    >>> plain("a\x1b[2Jb\r\n\u202ec")
    'a\\x1b[2Jb\\r\n\\u202ec'
    """
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def block(text: str) -> list[str]:
    r"""The lines of a text, each behind a bar.

    >>> block("two\nlines ")
    ['  │ two', '  │ lines ']
    """
    return [BAR + line for line in plain(text).split("\n")]


def line(text: str, columns: int) -> str:
    r"""A text as one line of at most so many columns of a terminal.

    >>> line("two\n lines", 20), line("猫" * 9, 8), line("a tab\t", 8)
    ('two lines', '猫猫猫…', 'a tab\\t')
    """
    flat = plain(re.sub(r"[ \n]+", " ", text[: 8 * columns]).strip(" "))
    return flat if width(flat) <= columns and len(text) <= 8 * columns else f"{_fitting(flat, columns - 1)}…"


def as_json(value: object) -> str:
    r"""JSON that is safe to print, too.

    >>> print(as_json({"text": "a\x9bb"}))
    {
      "text": "a\u009bb"
    }
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _fitting(text: str, columns: int) -> str:
    while width(text) > columns:
        text = text[: min(columns, len(text) - 1)]
    return text
