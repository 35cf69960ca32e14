"""Verdicts as they come: filter by filter, and compared with those held before they are written."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import polars as pl

from tgc.catalog import VERDICTS
from tgc.warehouse.source import Source

ROWS = 1_000_000
"""Verdicts that DuckDB is given at a time: some 50 MB."""

Weight = tuple[str, int, int, int]
"""Of what a filter says: its name, how many verdicts, and 128 bits that are the same in whatever order."""

Said = Sequence[pl.DataFrame]
"""The verdicts of one filter (columns of `VERDICTS`), in parts."""


def by_filter(verdicts: Iterable[pl.DataFrame]) -> Iterator[tuple[str, Said]]:
    """What each filter says, of verdicts that come filter by filter; none is in memory that is not asked for."""
    parts = (one for part in verdicts for one in part.partition_by("filter", maintain_order=True))
    named = ((str(part["filter"][0]), part) for part in parts)
    for name, said in groupby(named, key=itemgetter(0)):
        yield name, [part for _, part in said]


def weights(database: Source, recipe: str) -> list[Weight]:
    """Those of the filters that have judged a recipe, in their order."""
    return database.frame("weigh_verdicts", recipe).rows()


def weight(database: Source, name: str, said: Said) -> Weight:
    """That of what a filter says."""
    found = pl.concat([database.frame("weigh_judged", judged=part) for part in slices(said)])
    verdicts, *sums = (sum(found[column].to_list()) for column in found.columns[1:])
    one, other = (total % 2**64 for total in sums)
    return name, verdicts, one, other


def slices(said: Said) -> Iterator[pl.DataFrame]:
    """The same, so many at a time that neither side needs much memory."""
    for part in said:
        for some in part.iter_slices(ROWS):
            yield some.select(*VERDICTS).cast(pl.Schema(VERDICTS))
