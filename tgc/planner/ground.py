"""Levels planned so far, as columns; the paths to their slots, with texts, are made where they are looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc import ir, prompts
from tgc.catalog import SLICE, Archive, Places
from tgc.errors import RecipeError
from tgc.fingerprint import Ids
from tgc.node import KNOWN, Node, Path
from tgc.planner.steps import Mask

Cells = NDArray[np.int64]
"""Slots of a level by where they are in its grid, row by row."""

Rows = NDArray[np.intp]

_UNASKED = -2
"""Where a text is that nobody has looked for yet; -1 is nowhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The slots of a level, a row for each parent, a column for each sibling.

    Attributes:
        donors: the nodes that have their texts, 0 where none has.
        followed: to which slots all texts from the root on are known, unless a map among them cannot be rendered.
        under: of each row the parent's cell in the level above.
    """

    level: ir.Level
    ids: Ids
    donors: Ids
    followed: Mask
    under: Cells

    def cells(self, ids: Ids) -> Cells:
        """Where some of its slots are, given in their order."""
        if len(ids) == self.ids.size:
            return np.arange(len(ids))
        grid = pl.DataFrame({"id": self.ids.ravel()}).with_row_index("cell")
        found = pl.DataFrame({"id": ids}).join(grid, on="id", how="left", maintain_order="left")
        return found["cell"].cast(pl.Int64).to_numpy()


class Grounds:
    """Levels by name, from the root down.

    Args:
        program: whose levels they are.
        archive: where the texts of donors are.
    """

    def __init__(self, program: ir.Program, archive: Archive) -> None:
        self._program = program
        self._archive = archive
        self._levels: dict[str, Ground] = {}
        self._places: dict[str, Places] = {}

    def add(self, ground: Ground) -> None:
        """One more, below those that are there."""
        self._levels[ground.level.name] = ground

    def under(self, level: ir.Level, parents: Ids) -> Cells:
        """The cells of parents of a level."""
        if level.parent is None:
            return np.zeros(len(parents), dtype=np.int64)
        return self._levels[level.parent].cells(parents)

    def followed(self, level: ir.Level, under: Cells) -> Mask:
        """To which of these cells above a level the texts are known."""
        if level.parent is None:
            return np.ones(len(under), dtype=np.bool_)
        found: Mask = self._levels[level.parent].followed.ravel()[under]
        return found

    def slices(self, level: ir.Level, under: Cells, width: int) -> Iterator[tuple[Rows, list[Path | None]]]:
        """Of cells above a level so many at a time that their slots, `width` under each, are few enough.

        Each is given by its place among the cells, with the path to it, as `paths` gives it.
        """
        order = self._near(level, under)
        step = max(SLICE // width, 1)
        for start in range(0, len(order), step):
            some = order[start : start + step]
            yield some, self.paths(level, under[some])

    def paths(self, level: ir.Level, under: Cells) -> list[Path | None]:
        """The path to each of these cells above a level; None where a map on it cannot be rendered."""
        if level.parent is None:
            return [()] * len(under)
        ground = self._levels[level.parent]
        cells, inverse = np.unique(under, return_inverse=True)
        above = self.paths(ground.level, ground.under[cells // ground.ids.shape[1]])
        ends = self.nodes(ground, cells, above)
        paths = [_longer(path, end) for path, end in zip(above, ends, strict=True)]
        return [paths[place] for place in inverse.tolist()]

    def nodes(self, ground: Ground, cells: Cells, above: list[Path | None]) -> list[Node | None]:
        """What is at these cells of a level, which hang under these paths; None where it cannot be rendered."""
        level, slots = ground.level, ground.ids.ravel()[cells].tolist()
        match level.does:
            case ir.Values(items):
                values = [items[ordinal] for ordinal in (cells % ground.ids.shape[1]).tolist()]
                return [
                    Node(slot, level.name, item.text, item.data)
                    for slot, item in zip(slots, values, strict=True)
                ]
            case ir.Map():
                return [self._mapped(level, slot, path) for slot, path in zip(slots, above, strict=True)]
            case _:
                return self._written(level, slots, self._places_of(ground, cells))

    def donated(self, level: ir.Level, slots: Ids, donors: Ids) -> list[Node | None]:
        """Nodes at slots of a level that is not added yet, with the texts of their donors."""
        return self._written(level, slots.tolist(), self._archive.places(donors))

    def _mapped(self, level: ir.Level, slot: int, path: Path | None) -> Node | None:
        match level.does:
            case ir.Map(template) if path is not None:
                try:
                    return Node(slot, level.name, prompts.mapped(self._program, template, path))
                except RecipeError:  # the build records why
                    return None
            case _:
                return None

    def _near(self, level: ir.Level, under: Cells) -> Rows:
        """An order of these cells above a level in which their texts are read together fast."""
        if level.parent is None or self._levels[level.parent].level.ask is None:
            return np.arange(len(under))
        return np.argsort(self._places_of(self._levels[level.parent], under), kind="stable")

    def _places_of(self, ground: Ground, cells: Cells) -> Places:
        """Where the texts of these cells are, which is asked once of each."""
        if (places := self._places.get(ground.level.name)) is None:
            places = np.full(ground.ids.size, _UNASKED, dtype=np.int64)
            self._places[ground.level.name] = places
        unasked = np.unique(cells[places[cells] == _UNASKED])
        if len(unasked):
            places[unasked] = self._archive.places(ground.donors.ravel()[unasked])
        return places[cells]

    def _written(self, level: ir.Level, slots: list[int], places: Places) -> list[Node | None]:
        """Nodes whose texts are at these places; None where there is none."""
        wanted = pl.DataFrame({"place": places}, schema={"place": pl.Int64})
        found = wanted.join(
            self._archive.texts(np.unique(places)), on="place", how="left", maintain_order="left"
        )
        rows = zip(slots, found.select(*KNOWN).iter_rows(), strict=True)
        return [None if known[0] is None else Node(slot, level.name, *known) for slot, known in rows]


def _longer(path: Path | None, end: Node | None) -> Path | None:
    return None if path is None or end is None else (*path, end)
