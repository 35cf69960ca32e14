"""Texts that mean nearly the same."""

from collections.abc import Mapping
from typing import Literal

import polars as pl
from pydantic import Field

from tgc import cosine, lexical
from tgc.filters.base import MODEL, NO_PACKAGES, WORDS, Filter
from tgc.fingerprint import spell


class SemanticDuplicate(Filter):
    """Reject texts that mean nearly the same as a kept one, which has a better score by `best` or else a lower id.

    What a text means is a vector, and similarity the cosine of two (SemDeDup, Abbas et al., arXiv 2303.09540).
    Its scale is the embedder's: 0.9 is a paraphrase to most sentence-transformers models; the states of a
    generating model are all rather alike, and want more; vectors of words are as alike as the words are. The score
    of a rejected text is its cosine with the kept one named in the reason; of a kept text it is null. Of each text
    a vector is made once ever, whatever else changes.
    """

    kind: Literal["semantic_duplicate"] = "semantic_duplicate"
    embedder: str = Field(
        min_length=1,
        description="What makes vectors: a sentence-transformers model, as a directory or hub id "
        "(`pip install 'tgc[embed]'`); `model`, the one that wrote the text; or `words`, which need no model.",
    )
    threshold: float = Field(default=0.9, strict=True, gt=0, le=1, description="Reject from this cosine on.")
    within: str | None = Field(
        default=None,
        min_length=1,
        description="Compare `siblings` only, or texts under the same node of this level; all if not given.",
    )
    best: str | None = Field(
        default=None,
        min_length=1,
        description="The level that scores these texts, by which the best of those alike is kept.",
    )
    search: Literal["exact", "approximate"] = Field(
        default="exact",
        description="`approximate` misses a few in a thousand, and is worth it where several hundred thousand "
        "texts are compared with each other (`pip install 'tgc[ann]'`).",
    )

    @property
    def needs(self) -> frozenset[str]:
        """Vectors, groups and scores, as asked for."""
        wanted = {"vector": self.embedded_by, "group": self.within, "scores": self.best}
        return frozenset(name for name, given in wanted.items() if given)

    @property
    def scored_by(self) -> str | None:
        """The level of `best`."""
        return self.best

    @property
    def grouped_by(self) -> str | None:
        """The level of `within`."""
        return self.within

    @property
    def embedded_by(self) -> str | None:
        """The embedder, where it is a model."""
        return None if self.embedder == WORDS else self.embedder

    @property
    def packages(self) -> Mapping[str, str]:
        """Those of the embedder and of the search."""
        embedding = NO_PACKAGES if self.embedder in (MODEL, WORDS) else {"sentence_transformers": "embed"}
        return {**embedding, **({"faiss": "ann"} if self.search == "approximate" else NO_PACKAGES)}

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """In the order of their scores or ids, all texts similar to one that is kept already."""
        ranked = (
            nodes.sort(_score(), "node_id", descending=[True, False], nulls_last=True) if self.best else nodes
        )
        vectors = ranked["vector"].to_numpy() if self.embedded_by else lexical.vectors(ranked["text"])
        groups = ranked["group"].to_numpy() if self.within else None
        found = cosine.repeats(vectors, self.threshold, groups, cosine.SEARCHES[self.search])
        kept = ranked["node_id"].gather(found["of"])
        repeats = found.select(
            node_id=ranked["node_id"].gather(found["text"]),
            reason=pl.format(
                "cosine {} to {}", pl.col("score").round(3), kept.map_elements(spell, pl.String)
            ),
            score="score",
            of=kept,
        )
        judged = nodes.select("node_id").join(repeats, on="node_id", how="left", maintain_order="left")
        return judged.select("node_id", pl.col("reason").is_null().alias("kept"), "reason", "score", "of")


def _score() -> pl.Expr:
    """The mean of the scores of each node; null where there is none."""
    return pl.col("scores").list.eval(pl.element().cast(pl.Float64, strict=False)).list.mean()
