"""All that is known of one node: its text, where it hangs, what was asked, what filters said, where it went."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from tgc import project
from tgc.catalog import Run
from tgc.corpus import place, prefix, recorded
from tgc.corpus.opened import opened
from tgc.corpus.place import Place
from tgc.corpus.recorded import Asked
from tgc.errors import RecipeError, UsageError
from tgc.project import Project
from tgc.warehouse import Reader

FIRST = 5
"""How many rows of each mix are named."""


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What is known of a node.

    Attributes:
        path: the node, last, and its ancestors, root first (columns of `NODES`).
        siblings: how many nodes of its level are held under the same parent, itself included.
        asked: what its model was asked; why nobody knows, where that cannot be made again; None where none was.
        run: the build that wrote it; None where it is unknown.
        places: the recipes whose node it is as of their last build.
        verdicts: columns `recipe`, `filter`, `kept`, `reason` and `score`.
        emissions: columns `recipe`, `mix_id`, `rows` and `first`: rows of mixes that end in it or below it.
    """

    path: pl.DataFrame
    siblings: int
    asked: Asked | str | None
    run: Run | None
    places: tuple[Place, ...]
    verdicts: pl.DataFrame
    emissions: pl.DataFrame


def account(node: str, root: Path | None) -> Account:
    """What is known of a node, named by its id or the first digits of it.

    Args:
        node: what the user typed.
        root: the project's directory; the one that the working directory is in if not given.

    Raises:
        UsageError: there is no such node, or there are several.
        WarehouseError: there is no warehouse, or who holds it cannot be asked.
    """
    home = project.find(Path.cwd(), root)
    with opened(home) as reader:
        return known(reader, home, prefix.only(node, _finder(reader), "in the warehouse"))


def known(reader: Reader, home: Project, node_id: int) -> Account:
    """What is known of the node with that id."""
    path = reader.paths(np.array([node_id], dtype=np.uint64))
    node = path.row(-1, named=True)
    run = None if node["run_id"] is None else reader.run(node["run_id"])
    held = reader.siblings(np.array([node["parent_id"]], dtype=np.uint64))
    siblings = recorded.alike(held, node["level"], run)
    return Account(
        path=path,
        siblings=siblings.height,
        asked=None if node["request_key"] is None else _asked(path, siblings, run, home),
        run=run,
        places=tuple(place.place(home, *membership) for membership in reader.memberships(node_id)),
        verdicts=reader.verdicts(node_id),
        emissions=reader.emissions(node_id, FIRST),
    )


def _finder(reader: Reader) -> prefix.Find:
    def find(first: int, last: int) -> list[int]:
        return reader.between(first, last, prefix.MOST)

    return find


def _asked(path: pl.DataFrame, siblings: pl.DataFrame, run: Run | None, home: Project) -> Asked | str:
    if run is None:
        return "the run that wrote it is unknown"
    try:
        return recorded.asked(path, siblings, run, place.file(home, run.recipe), home)
    except RecipeError as error:
        return error.diagnostics[0].message
    except UsageError as error:
        return error.message
