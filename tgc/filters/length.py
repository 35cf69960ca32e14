"""Texts that are too short or too long."""

from typing import ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from tgc.bounds import fewer, more
from tgc.filters.base import Filter
from tgc.text import prose

NOUNS = {"tokens": "token", "words": "word", "chars": "character"}


class Length(Filter):
    """Reject texts outside the bounds; the score is in the first unit that is bounded: tokens, words, characters.

    A word has a letter or a digit; letters of scripts without spaces are words each.
    """

    alone: ClassVar[bool] = True

    kind: Literal["length"] = "length"
    min_tokens: int | None = Field(default=None, strict=True, ge=0, description="Fewest generated tokens.")
    max_tokens: int | None = Field(default=None, strict=True, ge=1, description="Most generated tokens.")
    min_words: int | None = Field(default=None, strict=True, ge=0, description="Fewest words.")
    max_words: int | None = Field(default=None, strict=True, ge=1, description="Most words.")
    min_chars: int | None = Field(default=None, strict=True, ge=0, description="Fewest characters.")
    max_chars: int | None = Field(default=None, strict=True, ge=1, description="Most characters.")

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not self._bounds:
            raise ValueError(
                "`length` needs at least one of `min_tokens`, `max_tokens`, `min_words`, `max_words`, "
                "`min_chars`, `max_chars`"
            )
        for unit, (low, high) in self._bounds.items():
            if low is not None and high is not None and low > high:
                raise ValueError(f"`min_{unit}` is above `max_{unit}`")
        return self

    @property
    def _bounds(self) -> dict[str, tuple[int | None, int | None]]:
        """Lowest and highest of each unit that is bounded."""
        bounds = {
            "tokens": (self.min_tokens, self.max_tokens),
            "words": (self.min_words, self.max_words),
            "chars": (self.min_chars, self.max_chars),
        }
        return {unit: pair for unit, pair in bounds.items() if pair != (None, None)}

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Too few or too many tokens, words or characters; a node that no model wrote has no tokens to count."""
        text = pl.col("text")
        lengths = {"tokens": pl.col("tokens"), "words": prose.words(text), "chars": text.str.len_chars()}
        found = nodes.select("node_id", **{unit: lengths[unit] for unit in self._bounds})
        reason = pl.coalesce(
            reason
            for unit, (low, high) in self._bounds.items()
            for reason in (fewer(NOUNS[unit], pl.col(unit), low), more(NOUNS[unit], pl.col(unit), high))
        )
        score = pl.col(next(iter(self._bounds))).cast(pl.Float64)
        return found.select("node_id", kept=reason.is_null(), reason=reason, score=score)
