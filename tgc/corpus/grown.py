"""The tree of a recipe as far as it is grown, and the texts of what is drawn of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from tgc import driver, project
from tgc.corpus import branches, prefix
from tgc.corpus.branches import Counts, Twig
from tgc.corpus.opened import opened
from tgc.errors import WarehouseError
from tgc.warehouse import Reader


@dataclass(frozen=True, slots=True)
class Grown:
    """A tree, or what hangs below one of its nodes.

    Attributes:
        recipe: its name.
        levels: what each level comes to.
        top: what is drawn; the node 0 is above the whole tree.
        texts: of the nodes that are drawn, by their ids.
        judged: whether filters have judged any of them; where they have not, all count as kept.
        level: of the node where the drawing begins; None where that is the whole tree.
    """

    recipe: str
    levels: tuple[tuple[str, Counts], ...]
    top: Twig
    texts: Mapping[int, str]
    judged: bool
    level: str | None = None


def grown(recipe: Path, root: Path | None, node: str | None, depth: int) -> Grown:
    """The tree of a recipe as of its last build; reads the warehouse, and compiles nothing.

    Args:
        recipe: the YAML file.
        root: the project's directory; the nearest one above the recipe if not given.
        node: where the drawing begins, by the first digits of its id; the whole tree if not given.
        depth: how many generations are drawn.

    Raises:
        RecipeError: the recipe cannot be read.
        UsageError: there is no such node, or there are several.
        WarehouseError: nothing of the recipe is held, or who holds the warehouse cannot be asked.
    """
    name = driver.written(recipe, root).name
    home = project.find(recipe, root)
    with opened(home) as reader:
        outline = reader.outline(name)
        if not outline.height:
            hint = f"`tgc build {recipe}` grows it"
            raise WarehouseError(f"the warehouse holds no node of `{name}` yet", hint)
        return _grown(name, reader, outline, node, depth)


def _grown(name: str, reader: Reader, outline: pl.DataFrame, node: str | None, depth: int) -> Grown:
    start = 0 if node is None else prefix.only(node, _finder(outline), f"in the tree of `{name}`")
    nodes = branches.below(branches.judged(outline), start)
    levels = [*reader.records(name)]
    top = branches.twig(nodes, start, levels, depth)
    level = branches.said(nodes, start, "level")
    judged = bool(nodes["judged"].any())
    return Grown(name, branches.totals(nodes, levels), top, _texts(reader, top), judged, level)


def _finder(outline: pl.DataFrame) -> prefix.Find:
    def find(first: int, last: int) -> list[int]:
        return outline["node_id"].filter(outline["node_id"].is_between(first, last)).sort().to_list()

    return find


def _texts(reader: Reader, top: Twig) -> Mapping[int, str]:
    ids = np.array([*branches.drawn(top)], dtype=np.uint64)
    return dict(reader.some(ids).select("node_id", "text").iter_rows())
