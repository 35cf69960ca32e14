"""A recipe's nodes as the warehouse holds them, read in the order in which they are stored."""

from collections.abc import Iterator

import polars as pl

from tgc.catalog import NODES, OUTLINE, SLICE
from tgc.warehouse.source import Source


class Held:
    """The corpus of a recipe as of its last build; a `catalog.Corpus`."""

    def __init__(self, database: Source, recipe: str) -> None:
        self._database = database
        self._recipe = recipe

    def outline(self) -> pl.DataFrame:
        """Where every node is (columns of `OUTLINE`), in ascending id."""
        return self._database.frame("read_places", self._recipe).select(*OUTLINE).cast(pl.Schema(OUTLINE))

    def slices(self, node_ids: pl.Series) -> Iterator[pl.DataFrame]:
        """These nodes (columns of `NODES`), at most `SLICE` at a time; `recipe` is null."""
        wanted = pl.DataFrame({"node_id": node_ids}, schema={"node_id": pl.UInt64})
        rows = self._database.frame("read_rows", wanted=wanted)
        for part in rows.iter_slices(SLICE):
            first, last = part["place"][0], part["place"][-1]
            found = self._database.frame("read_slice", first, last, wanted=part.select("node_id"))
            yield found.select(*NODES).cast(pl.Schema(NODES))
