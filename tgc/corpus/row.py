"""One row of a mix: where it stands, and the node in which it ends."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tgc import project
from tgc.corpus import prefix
from tgc.corpus.account import Account, known
from tgc.corpus.opened import opened
from tgc.errors import UsageError, nearest
from tgc.project import Project
from tgc.warehouse import Reader


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row of a recipe's newest mix.

    Attributes:
        position: its place in the mix, from 0.
        rows: how many rows the mix has.
        source: the recipe, or the file that it was taken from.
        line: where in the file it begins, from 1; None where it was not taken from one.
        leaf: the last node of its path; None where it was taken from a file.
        rejected: the answer that is rejected in favour of that, its id and its text; None where it is no pair.
    """

    recipe: str
    mix_id: int
    rows: int
    position: int
    split: str
    source: str
    line: int | None
    turns: int
    tokens: int
    leaf: Account | None
    rejected: tuple[int, str] | None


def row(recipe: str, given: str, root: Path | None) -> Row:
    """A row of the newest mix of a recipe.

    Args:
        recipe: its name.
        given: the row's position, from 0, or its id, or the first digits of that.
        root: the project's directory; the one that the working directory is in if not given.

    Raises:
        UsageError: there is no such recipe or row.
        WarehouseError: there is no warehouse, or who holds it cannot be asked.
    """
    home = project.find(Path.cwd(), root)
    with opened(home) as reader:
        mix = reader.newest_mix(recipe)
        if mix is None:
            raise UsageError(f"there is no mix of `{recipe}`", nearest(recipe, reader.mixed()))
        position = _position(reader, recipe, mix[0], given)
        return _row(reader, home, recipe, mix, position)


def _position(reader: Reader, recipe: str, mix_id: int, given: str) -> int:
    """Digits alone are a position, unless there are as many as an id has."""
    if given.isdecimal() and given.isascii() and len(given) < prefix.DIGITS:
        return int(given)
    found: dict[int, int] = {}

    def find(first: int, last: int) -> list[int]:
        found.update(reader.leaves(mix_id, first, last, prefix.MOST))
        return [*found]

    return found[prefix.only(given, find, f"at the end of a row of `{recipe}`")]


def _row(reader: Reader, home: Project, recipe: str, mix: tuple[int, int], position: int) -> Row:
    mix_id, rows = mix
    found = reader.mix_row(mix_id, position)
    if found is None:
        raise UsageError(
            f"there is no row {position} in the mix of `{recipe}`", f"its rows are 0 to {rows - 1:,}"
        )
    leaf, rejected = found.pop("leaf_id"), found.pop("rejected_id")
    return Row(
        *(recipe, mix_id, rows),
        **found,
        leaf=None if leaf is None else known(reader, home, leaf),
        rejected=None if rejected is None else _said(reader, rejected),
    )


def _said(reader: Reader, node_id: int) -> tuple[int, str]:
    return node_id, reader.some(np.array([node_id], dtype=np.uint64))["text"].item()
