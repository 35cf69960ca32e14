"""Texts that say the same word for word."""

from typing import Literal

import polars as pl

from tgc.filters.base import Comparing
from tgc.text.folded import fold


class ExactDuplicate(Comparing):
    """Reject texts equal to a kept one but for case, width, white space and punctuation.

    The one that is kept has a better score by `best`, or else a lower id. The score is 1 for those rejected.
    """

    kind: Literal["exact_duplicate"] = "exact_duplicate"

    def compare(self, ranked: pl.DataFrame) -> pl.DataFrame:
        """All but the first of the texts that fold to the same."""
        told = ranked.select(folded=fold(ranked["text"]), group=pl.col("group") if self.within else pl.lit(0))
        alike = told.select("folded", "group", text=pl.int_range(pl.len()))
        firsts = alike.with_columns(of=pl.col("text").first().over("folded", "group"))
        again = firsts.filter(pl.col("of") != pl.col("text"))
        return again.select("text", "of", score=pl.lit(1.0), said=pl.lit("same text as"))
