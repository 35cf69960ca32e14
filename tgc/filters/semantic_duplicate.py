"""Texts that mean nearly the same."""

from collections.abc import Mapping
from typing import Literal

import polars as pl
from pydantic import Field

from tgc import lexical
from tgc.cosine import Approximate, Keep, repeats
from tgc.filters.base import MODEL, NO_PACKAGES, WORDS, Pointing

PLACES = 4
"""Where each word counts in a vector of words."""


class SemanticDuplicate(Pointing):
    """Reject texts that mean nearly the same as a kept one.

    The one that is kept has a better score by `best`, or else a lower id. What a text means is a vector, and
    similarity the cosine of two (as in SemDeDup, Abbas et al., arXiv 2303.09540). Its scale is the embedder's: 0.9
    is a paraphrase to most sentence-transformers models; the states of a generating model are all rather alike,
    and want more; vectors of words are as alike as the words are. The score of a rejected text is its cosine with
    the one named in the reason; of a kept text it is null. A text is embedded once ever, whatever else changes.
    """

    kind: Literal["semantic_duplicate"] = "semantic_duplicate"
    embedder: str = Field(
        min_length=1,
        description="What makes vectors: a sentence-transformers model, as a directory or hub id "
        "(`pip install 'tgc[embed]'`); `model`, the one that wrote the text; or `words`, which need no model.",
    )
    threshold: float = Field(default=0.9, strict=True, gt=0, le=1, description="Reject from this cosine on.")
    search: Literal["exact", "approximate"] = Field(
        default="exact",
        description="`approximate` misses up to one in a hundred, and is worth it where a million texts or more "
        "are compared with each other (`pip install 'tgc[ann]'`).",
    )

    @property
    def needs(self) -> frozenset[str]:
        """Vectors too, where a model makes them."""
        return super().needs | ({"vector"} if self.embedded_by else set())

    @property
    def sees(self) -> tuple[str, ...]:
        """Texts only where these are their vectors."""
        return ("node_id",) if self.embedded_by else ("node_id", "text")

    @property
    def embedded_by(self) -> str | None:
        """The embedder, where it is a model."""
        return None if self.embedder == WORDS else self.embedder

    @property
    def packages(self) -> Mapping[str, str]:
        """Those of the embedder and of the search."""
        embedding = NO_PACKAGES if self.embedder in (MODEL, WORDS) else {"sentence_transformers": "embed"}
        return {**embedding, **({"faiss": "ann"} if self.search == "approximate" else NO_PACKAGES)}

    def compare_by(self, ranked: pl.DataFrame, exact: Keep) -> pl.DataFrame:
        """The first of those that are kept."""
        vectors = ranked["vector"].to_numpy() if self.embedded_by else lexical.vectors(ranked["text"], PLACES)
        groups = ranked["group"].to_numpy() if self.within else None
        keep = Approximate if self.search == "approximate" else exact
        found = repeats(vectors, self.threshold, groups, keep)
        return found.with_columns(said=pl.format("cosine {} to", pl.col("score").round(3)))
