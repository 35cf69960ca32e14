"""Texts that their model found likely, or unlikely."""

from typing import ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from tgc.bounds import over, under
from tgc.filters.base import Filter


class Perplexity(Filter):
    """Reject texts whose perplexity, to the model that wrote them, is out of bounds; it is the score.

    Perplexity is exp of minus the mean log-probability of the tokens (Jelinek et al., 1977), which is recorded
    when a text is written. It is high where a text fell apart and low where it loops; it does not measure quality.
    Texts that no model wrote are kept, without a score.
    """

    alone: ClassVar[bool] = True

    kind: Literal["perplexity"] = "perplexity"
    min: float | None = Field(default=None, strict=True, ge=1, description="Lowest perplexity that is kept.")
    max: float | None = Field(default=None, strict=True, ge=1, description="Highest perplexity that is kept.")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("`perplexity` needs `min` or `max`")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("`min` is above `max`")
        return self

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Too low or too high."""
        score = (-pl.col("mean_logprob")).exp()
        reason = pl.coalesce(under("perplexity {}", score, self.min), over("perplexity {}", score, self.max))
        return nodes.select("node_id", kept=reason.is_null(), reason=reason, score=score)
