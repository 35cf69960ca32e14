"""Which rows of a mix enter and leave, as far as nodes are held: known by what they say. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tgc import ir, mixing, sieve
from tgc.catalog import NODES, Gathered
from tgc.comparison.growth import Growth
from tgc.fingerprint import Ids
from tgc.mixing import Selection
from tgc.sieve import Embed


@dataclass(frozen=True, slots=True)
class Rows:
    """How many conversations of the mix enter it, leave it and stay."""

    entering: int
    leaving: int
    staying: int


def compare(before: Selection, after: Selection) -> Rows:
    """How the rows of two mixes differ."""
    left, right = (Counter(selection.rows["said"]) for selection in (before, after))
    return Rows((right - left).total(), (left - right).total(), (left & right).total())


def selected(program: ir.Program, grown: Mapping[str, Growth], embed: Embed) -> Selection:
    """The mix of the nodes that are held."""
    nodes, picked = standing(program, grown)
    verdicts = sieve.sift(program, Gathered(nodes), picked, embed=embed)
    return mixing.select(program, Gathered(nodes), verdicts, embed=embed)


def standing(program: ir.Program, grown: Mapping[str, Growth]) -> tuple[pl.DataFrame, dict[str, Ids]]:
    """The nodes that are held with all above them, and those of them that are picked, by level."""
    frames: dict[str, pl.DataFrame] = {}
    picked: dict[str, Ids] = {}
    for level in program.levels:
        growth = grown[level.name]
        real = growth.nodes.with_columns(picked=pl.Series(growth.picked)).filter("real")
        if level.parent is not None:
            above = frames[level.parent].select("node_id")
            real = real.join(
                above, left_on="parent_id", right_on="node_id", how="semi", maintain_order="left"
            )
        frames[level.name] = real
        if level.distinct:
            picked[level.name] = real.filter("picked")["node_id"].sort().to_numpy()
    nodes = pl.concat([frame.select(*NODES) for frame in frames.values()])
    return nodes.cast(pl.Schema(NODES)), picked
