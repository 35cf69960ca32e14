"""Texts that are too short or too long."""

from typing import ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from tgc.filters.base import Filter


class Length(Filter):
    """Reject texts outside the bounds; the score is in tokens, or in characters if only those are bounded."""

    alone: ClassVar[bool] = True

    kind: Literal["length"] = "length"
    min_tokens: int | None = Field(default=None, strict=True, ge=0, description="Fewest generated tokens.")
    max_tokens: int | None = Field(default=None, strict=True, ge=1, description="Most generated tokens.")
    min_chars: int | None = Field(default=None, strict=True, ge=0, description="Fewest characters.")
    max_chars: int | None = Field(default=None, strict=True, ge=1, description="Most characters.")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        bounds = (self.min_tokens, self.max_tokens, self.min_chars, self.max_chars)
        if all(bound is None for bound in bounds):
            raise ValueError(
                "`length` needs at least one of `min_tokens`, `max_tokens`, `min_chars`, `max_chars`"
            )
        for low, high, unit in ((*bounds[:2], "tokens"), (*bounds[2:], "chars")):
            if low is not None and high is not None and low > high:
                raise ValueError(f"`min_{unit}` is above `max_{unit}`")
        return self

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Too few or too many tokens or characters; a node that no model wrote has no tokens to count."""
        tokens, chars = pl.col("tokens"), pl.col("text").str.len_chars().cast(pl.Int64)
        reason = pl.coalesce(
            _below(tokens, self.min_tokens, "tokens"),
            _above(tokens, self.max_tokens, "tokens"),
            _below(chars, self.min_chars, "characters"),
            _above(chars, self.max_chars, "characters"),
        )
        by_tokens = self.min_tokens is not None or self.max_tokens is not None
        score = (tokens if by_tokens else chars).cast(pl.Float64)
        return nodes.select("node_id", kept=reason.is_null(), reason=reason, score=score)


def _below(count: pl.Expr, bound: int | None, unit: str) -> pl.Expr:
    if bound is None:
        return pl.lit(None, dtype=pl.String)
    return pl.when(count < bound).then(pl.format("{} {}, fewer than {}", count, pl.lit(unit), bound))


def _above(count: pl.Expr, bound: int | None, unit: str) -> pl.Expr:
    if bound is None:
        return pl.lit(None, dtype=pl.String)
    return pl.when(count > bound).then(pl.format("{} {}, more than {}", count, pl.lit(unit), bound))
