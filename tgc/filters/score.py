"""Texts that a judge does not think well of."""

from typing import ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from tgc.filters.base import Filter


class Score(Filter):
    """Reject nodes whose score is out of bounds or not one of `accept`; several scores of a node are averaged."""

    by_score: ClassVar[bool] = True

    kind: Literal["score"] = "score"
    min: float | None = Field(default=None, strict=True, description="Lowest score that is kept.")
    max: float | None = Field(default=None, strict=True, description="Highest score that is kept.")
    accept: tuple[str, ...] = Field(
        default=(), description="Choices that are kept; most of a node's must be."
    )

    @property
    def needs(self) -> frozenset[str]:
        """The scores."""
        return frozenset({"scores"})

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if (self.min is None and self.max is None) == (not self.accept):
            raise ValueError("`score` needs either `accept`, or `min` or `max`")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("`min` is above `max`")
        return self

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Mean score, or share of accepted choices; a node that was not scored is rejected."""
        score = self._score().cast(pl.Float64)
        least, most = (0.5, None) if self.accept else (self.min, self.max)
        shown = pl.format("score {}", score.round(3))
        reason = (
            pl.when(score.is_null())
            .then(pl.lit("it was not scored"))
            .when(score < (float("-inf") if least is None else least))
            .then(pl.format("{}, less than {}", shown, pl.lit(least)))
            .when(score > (float("inf") if most is None else most))
            .then(pl.format("{}, more than {}", shown, pl.lit(most)))
        )
        return nodes.select("node_id", kept=reason.is_null(), reason=reason, score=score)

    def _score(self) -> pl.Expr:
        given = pl.col("scores")
        if not self.accept:
            return given.list.eval(pl.element().cast(pl.Float64, strict=False).fill_nan(None)).list.mean()
        return given.list.eval(pl.element().is_in(list(self.accept))).list.mean()
