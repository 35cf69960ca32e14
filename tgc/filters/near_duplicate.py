"""Texts that say nearly the same."""

from typing import Literal

import polars as pl
from pydantic import Field

from tgc import jaccard
from tgc.filters.base import Filter
from tgc.fingerprint import spell


class NearDuplicate(Filter):
    """Reject texts whose word n-grams are nearly those of a kept text with a lower id.

    Similarity is the exact Jaccard index of the two sets of n-grams, after folding case and punctuation. The
    score of a rejected text is its similarity to the kept one named in the reason; of a kept text it is null.
    """

    kind: Literal["near_duplicate"] = "near_duplicate"
    threshold: float = Field(
        default=0.7, strict=True, gt=0, le=1, description="Reject from this similarity on."
    )
    ngram: int = Field(
        default=3, strict=True, ge=1, description="Words per n-gram: 3 for a sentence, 5 for pages."
    )

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """In ascending id, all texts similar to one that is kept already."""
        found = jaccard.repeats(nodes["text"], self.ngram, self.threshold)
        originals = nodes["node_id"].gather(found["of"])
        repeats = found.select(
            node_id=nodes["node_id"].gather(found["text"]),
            reason=pl.format(
                "similarity {} to {}",
                pl.col("score").round(3),
                pl.Series(map(spell, originals), dtype=pl.String),
            ),
            score="score",
        )
        judged = nodes.select("node_id").join(repeats, on="node_id", how="left", maintain_order="left")
        return judged.select("node_id", kept=pl.col("reason").is_null(), reason="reason", score="score")
