"""How far a build would raise branches to refill a mix, as far as what is held tells. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tgc import ir
from tgc.catalog import Catalog
from tgc.comparison import growth, rows
from tgc.comparison.growth import Growth
from tgc.mixing import Selection, needs
from tgc.sieve import Embed


@dataclass(frozen=True, slots=True)
class Refilled:
    """A program, refilled.

    Attributes:
        program: with branches raised.
        grown: its tree.
        embed: makes vectors of texts.
        settled: whether no more is to come, whatever nodes that are missing will say.
    """

    program: ir.Program
    grown: Mapping[str, Growth]
    embed: Embed
    settled: bool

    @property
    def selected(self) -> Selection:
        """The mix of the nodes that are held."""
        return rows.selected(self.program, self.grown, self.embed)


def refill(program: ir.Program, catalog: Catalog, embed: Embed, *, symbols: bool) -> Refilled:
    """What a build makes of a program that may refill its mix: each step, until one lacks a node.

    Args:
        program: as the recipe has it.
        catalog: what is held.
        embed: makes vectors of texts.
        symbols: as for `growth.grow`.
    """
    grown = growth.grow(program, catalog, symbols=symbols)
    while program.mix.refill and _is_whole(grown):
        wider = needs.wider(program, rows.selected(program, grown, embed).need)
        if wider is None:
            return Refilled(program, grown, embed, settled=True)
        program, grown = wider, growth.grow(wider, catalog, symbols=symbols)
    return Refilled(program, grown, embed, settled=not program.mix.refill)


def _is_whole(grown: Mapping[str, Growth]) -> bool:
    return all(_is_there(level) for level in grown.values())


def _is_there(level: Growth) -> bool:
    """Whether all nodes of a level are held, and picked if some are to be."""
    return bool(level.nodes["real"].all()) and (
        not level.level.distinct or np.array_equal(level.kept, level.picked)
    )
