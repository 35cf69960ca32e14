"""Dropping what no recipe in use reaches: counted first, then deleted in one transaction, then compacted."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import polars as pl

from tgc.catalog import SLICE
from tgc.errors import UsageError, WarehouseError
from tgc.executor import embedding
from tgc.fingerprint import Ids
from tgc.planner.steps import NONE
from tgc.project import Project
from tgc.versions import reach
from tgc.versions.uses import Use, uses
from tgc.warehouse import Reader, Warehouse, compact, forget, read


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What would go.

    Attributes:
        uses: the recipes in use.
        held: how many nodes there are.
        dropped: ids of those that nobody needs, ascending.
        weights: recipe, level, nodes and bytes of the latter.
    """

    uses: tuple[Use, ...]
    held: int
    dropped: Ids
    weights: pl.DataFrame


def survey(home: Project, ignored: Collection[str] = ()) -> Survey:
    """What a collection would drop now; changes nothing.

    Args:
        home: the project.
        ignored: revisions whose recipes are not in use.

    Raises:
        UsageError: a recipe in use does not compile, so that nobody knows what it needs.
        WarehouseError: there is no warehouse, or who holds it cannot be asked.
    """
    found = _compiled(home, ignored)
    with read(home.database) as reader:
        if reader is None:
            raise _missing()
        return _survey(reader, found)


def collect(home: Project, ignored: Collection[str], agree: Callable[[Survey], bool]) -> Survey | None:
    """What was dropped; None where it was not agreed to.

    A kill at any moment leaves the warehouse as it was, or without all that was to go.

    Args:
        home: the project.
        ignored: as for `survey`.
        agree: whether to go on, given what would be dropped.

    Raises:
        UsageError: as for `survey`.
        WarehouseError: there is no warehouse, or a build holds it.
    """
    found = _compiled(home, ignored)
    if not home.database.exists():
        raise _missing()
    with Warehouse.open(home.database) as warehouse:
        counted = _survey(warehouse, found)
        if not agree(counted):
            return None
        _forget(home, found, warehouse, counted.dropped)
        warehouse.drop(counted.dropped)
    with suppress(
        WarehouseError
    ):  # somebody else has opened it since; the next collection gives the space back
        compact(home.database)
    return counted


def _forget(home: Project, found: tuple[Use, ...], reader: Reader, dropped: Ids) -> None:
    """Drop vectors of what goes, and of embedders that no recipe in use names; a kill may cost them, not more."""
    if home.vectors.is_dir():
        wanted = {name for use in found if use.program for name in embedding.folders(use.program)}
        parts = (dropped[start : start + SLICE] for start in range(0, len(dropped), SLICE))
        keys = [embedding.keys_of(reader.some(part)["text"]) for part in parts]
        forget(home.vectors, wanted, np.concatenate([NONE, *keys]))


def _compiled(home: Project, ignored: Collection[str]) -> tuple[Use, ...]:
    found = uses(home, ignored)
    broken = next((use for use in found if use.program is None), None)
    if broken is not None:
        message = f"`{broken.shown}` does not compile, so nobody knows which nodes it needs"
        given_up = f"`tgc gc --ignore {broken.revision}` gives up what only that revision needs"
        raise UsageError(
            message, given_up if broken.revision else f"`tgc check {broken.path}` says what is wrong"
        )
    return found


def _survey(reader: Reader, found: tuple[Use, ...]) -> Survey:
    catalog = reader.catalog("")
    programs = (use.program for use in found if use.program)
    needed = reach.union(
        (reader.everybodys(), _published(reader), *(reach.reached(one, catalog) for one in programs))
    )
    dropped: Ids = np.setdiff1d(catalog.held, needed, assume_unique=True)
    return Survey(found, len(catalog.held), dropped, reader.weigh(dropped))


def _published(reader: Reader) -> Ids:
    """What the mixes cite: their rows with all that is above them, and the siblings these were picked from."""
    cited = reader.paths(reader.cited())
    picked = cited.filter(pl.col("node_id").is_in(pl.Series(reader.picks(), dtype=pl.UInt64).implode()))
    siblings = reader.siblings(picked["parent_id"].unique().to_numpy())
    return reach.union((cited["node_id"].to_numpy(), reach.drawn(picked, siblings, reader.levels())))


def _missing() -> WarehouseError:
    return WarehouseError("there is no warehouse here yet", "`tgc build RECIPE` makes one")
