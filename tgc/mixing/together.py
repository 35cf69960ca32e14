"""The whole mix of nodes and files, in which no two rows say the same where the recipe wants that."""

from collections.abc import Sequence

import polars as pl

from tgc import ir
from tgc.catalog import Corpus
from tgc.mixing.blending import Mixture, blend
from tgc.mixing.files.stock import Stock
from tgc.mixing.sameness.repeats import beside
from tgc.mixing.selection import select
from tgc.sieve import Embed, unknown


def mixed(
    program: ir.Program,
    corpus: Corpus,
    verdicts: pl.DataFrame,
    stocks: Sequence[Stock] = (),
    embed: Embed = unknown,
) -> Mixture:
    """The mix of a recipe's nodes under the verdicts on them, and of files that have been `screened`.

    Vectors of texts that are to differ come from `embed`.
    """
    dedupe = program.mix.dedupe
    if dedupe is None:
        return blend(program, select(program, corpus, verdicts, embed=embed), stocks)
    if dedupe.keep == "blend":
        return blend(program, select(program, corpus, verdicts, stocks, embed), stocks)
    selection = select(program, corpus, verdicts, embed=embed)
    return blend(program, selection, beside(dedupe, selection.rows, selection.voices, stocks))
