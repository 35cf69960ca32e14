"""The whole mix of nodes and files, in which no two rows say the same where the recipe wants that."""

from collections.abc import Sequence

import polars as pl

from tgc import ir
from tgc.mixing.blending import Mixture, blend
from tgc.mixing.repeats import NOTHING, beside, known
from tgc.mixing.selection import select
from tgc.mixing.stock import Stock


def mixed(
    program: ir.Program, nodes: pl.DataFrame, verdicts: pl.DataFrame, stocks: Sequence[Stock] = ()
) -> Mixture:
    """The mix of a recipe's nodes under the verdicts on them, and of files that have been `screened`."""
    dedupe = program.mix.dedupe
    if dedupe is None:
        return blend(program, select(program, nodes, verdicts), stocks)
    others = known(stocks) if dedupe.keep == "blend" else NOTHING
    selection = select(program, nodes, verdicts, others)
    apart = stocks if dedupe.keep == "blend" else beside(dedupe, selection.rows, stocks)
    return blend(program, selection, apart)
