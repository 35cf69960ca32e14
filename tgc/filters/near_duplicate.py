"""Texts that say nearly the same."""

from typing import Literal

import polars as pl
from pydantic import Field

from tgc import jaccard
from tgc.filters.base import Comparing


class NearDuplicate(Comparing):
    """Reject texts whose word n-grams are nearly those of a kept one.

    The one that is kept has a better score by `best`, or else a lower id. Similarity is the exact Jaccard index of
    the two sets of n-grams, after folding case and punctuation. Texts are compared with those that are kept, so of
    a chain of texts, each like the next, several may be. The score of a rejected text is its similarity to the one
    named in the reason; of a kept text it is null. Millions of texts want `pip install 'tgc[fast]'`: the same
    verdicts, ten times as fast.
    """

    kind: Literal["near_duplicate"] = "near_duplicate"
    threshold: float = Field(
        default=0.7, strict=True, gt=0, le=1, description="Reject from this similarity on."
    )
    ngram: int = Field(
        default=3, strict=True, ge=1, description="Words per n-gram: 3 for a sentence, 5 for pages."
    )

    @property
    def sees(self) -> tuple[str, ...]:
        """Texts."""
        return ("node_id", "text")

    def compare(self, ranked: pl.DataFrame) -> pl.DataFrame:
        """The most similar of those that are kept."""
        groups = ranked["group"] if self.within else None
        found = jaccard.repeats(ranked["text"], self.ngram, self.threshold, groups)
        return found.with_columns(said=pl.format("similarity {} to", pl.col("score").round(3)))
