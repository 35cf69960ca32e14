"""Tables as text."""

from collections.abc import Collection, Sequence
from unicodedata import category, east_asian_width

WIDEST = 60
"""A cell's width, in terminal columns; longer text is cut, for a table has to be read."""
JOINING = frozenset({"Mn", "Me", "Cf"})
"""Categories of Unicode whose characters are drawn over, or say something about, the one before."""


def align(
    rows: Sequence[Sequence[str]],
    right: Collection[int] = (),
    indent: str = "",
    widest: Sequence[int] | None = None,
) -> list[str]:
    """Lines with columns aligned, the ones in `right` to the right; the last column is never padded.

    Cells are cut to `WIDEST`, or to what `widest` has for their column.

    >>> align([("level", "new"), ("question", "32")], right={1})
    ['level     new', 'question   32']
    """
    most = widest or [WIDEST] * max(map(len, rows), default=0)
    cells = [
        [_cut(" ".join(cell.split()), wide) for cell, wide in zip(row, most, strict=True)] for row in rows
    ]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    return [indent + _line(row, widths, right).rstrip() for row in cells]


def _line(row: Sequence[str], widths: Sequence[int], right: Collection[int]) -> str:
    padded = []
    for place, (cell, wide) in enumerate(zip(row, widths, strict=True)):
        space = " " * (wide - width(cell))
        padded.append(space + cell if place in right else cell + space)
    return "  ".join(padded)


def _cut(text: str, widest: int) -> str:
    if width(text) <= widest:
        return text
    while width(text) >= widest:
        text = text[:-1]
    return text + "…"


def width(text: str) -> int:
    """Columns of a terminal that a text takes; a wide character takes two, an accent of its own none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if category(character) in JOINING:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
