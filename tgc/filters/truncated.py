"""Texts that were cut off."""

from typing import ClassVar, Literal

import polars as pl

from tgc.filters.base import Filter


class Truncated(Filter):
    """Reject texts that ended because `max_tokens` was reached; the score is 1 for those."""

    alone: ClassVar[bool] = True

    kind: Literal["truncated"] = "truncated"

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Generation ended for length."""
        cut = (pl.col("finish_reason") == "length").fill_null(value=False)
        reason = pl.when(cut).then(pl.lit("cut off at `max_tokens`"))
        return nodes.select("node_id", kept=~cut, reason=reason, score=cut.cast(pl.Float64))
