"""Texts that say the same word for word."""

from typing import Literal

import polars as pl

from tgc.filters.base import Filter
from tgc.fingerprint import spell
from tgc.text import fold


class ExactDuplicate(Filter):
    """Reject texts equal to one with a lower id but for case, width, white space and punctuation.

    The score is 1 for those.
    """

    kind: Literal["exact_duplicate"] = "exact_duplicate"

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """All but the lowest id of the texts that fold to the same."""
        first = pl.col("node_id").min().over(fold(nodes["text"]))
        kept = pl.col("node_id") == first
        spelled = first.map_elements(spell, return_dtype=pl.String)
        reason = pl.when(~kept).then(pl.format("same text as {}", spelled))
        of = pl.when(~kept).then(first)
        return nodes.select("node_id", kept=kept, reason=reason, score=(~kept).cast(pl.Float64), of=of)
