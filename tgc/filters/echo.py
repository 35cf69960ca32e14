"""Turns that say the turn before again."""

from typing import ClassVar, Literal

import numpy as np
import polars as pl
from pydantic import Field

from tgc.filters.base import Filter
from tgc.text.folded import fold, runs


class Echo(Filter):
    """Reject turns made of what the turn before said; the score is the share of its word n-grams that stand there.

    So an answer that only puts its question in other order is rejected, and one that takes up its words and goes
    on is not. A turn with fewer words than `ngram` is compared as a whole.
    """

    alone: ClassVar[bool] = True

    kind: Literal["echo"] = "echo"
    max: float = Field(
        default=0.8, strict=True, ge=0, lt=1, description="Most of a turn that may be repeated."
    )
    ngram: int = Field(default=3, strict=True, ge=1, description="Words per n-gram.")

    @property
    def needs(self) -> frozenset[str]:
        """The turn before."""
        return frozenset({"asked"})

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Where no turn is before, nothing can be repeated: the score is 0."""
        own = _grams(nodes["text"], self.ngram)
        again = own.join(_grams(nodes["asked"].fill_null(""), self.ngram), on=["text", "gram"], how="semi")
        repeated, all_of_it = (np.bincount(part["text"], minlength=nodes.height) for part in (again, own))
        told = nodes["asked"].is_not_null().to_numpy()
        share = pl.Series(told * repeated / np.maximum(all_of_it, 1), dtype=pl.Float64)
        kept = share <= self.max
        reason = pl.format("{} of it stands in the turn before, over {}", share.round(3), pl.lit(self.max))
        return nodes.select("node_id", kept=kept, reason=pl.when(~kept).then(reason), score=share)


def _grams(texts: pl.Series, n: int) -> pl.DataFrame:
    """The n-grams of each text, each once."""
    return runs(fold(texts), n).select("text", "gram").unique()
