"""Texts that repeat themselves."""

from typing import ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from tgc.filters.base import Filter
from tgc.text import Positions, Words, fold, words

MOST_FREQUENT = {2: 0.20, 3: 0.18, 4: 0.16}
"""Most of a text's characters that its most frequent n-gram may make up."""

REPEATED = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
"""Most of a text's characters that n-grams which occurred before may make up."""

SHORT = {2: 0.5}
"""The same, for the texts too short for Gopher's limits."""


class Repetition(Filter):
    """Reject texts that loop: Gopher's n-gram rules (Rae et al., arXiv 2112.11446, table A1).

    Gopher judged documents of 50 words and more. In a shorter text two facts put alike already exceed its
    limits, so there only pairs of words that recur are counted, against half of the text. The score is the
    largest share relative to its limit: above 1 is rejected.
    """

    alone: ClassVar[bool] = True

    kind: Literal["repetition"] = "repetition"
    min_words: int = Field(
        default=50, strict=True, ge=0, description="Gopher's limits hold from this many words on."
    )

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """The n-grams whose share exceeds its limit most."""
        cut, height = words(fold(nodes["text"])), nodes.height
        long = np.bincount(cut.texts, minlength=height) >= self.min_words
        rules = [_rule(_most_frequent(cut, n, height), n, limit, long) for n, limit in MOST_FREQUENT.items()]
        rules += [_rule(_repeated(cut, n, height), n, limit, long) for n, limit in REPEATED.items()]
        rules += [_rule(_repeated(cut, n, height), n, limit, ~long) for n, limit in SHORT.items()]
        chars = np.maximum(np.bincount(cut.texts, weights=cut.lengths, minlength=height), 1)
        shares = pl.concat(rules).with_columns(
            share=(pl.col("chars") / pl.lit(chars).gather("row")).clip(0, 1)
        )
        worst = shares.sort(pl.col("limit") / pl.col("share"), "n").unique("row", keep="first")
        rows = nodes.select("node_id").with_row_index("row")
        return _verdicts(rows.join(worst, on="row", how="left", maintain_order="left"))


def _rule(chars: Positions, n: int, limit: float, holds: NDArray[np.bool_]) -> pl.DataFrame:
    rows = np.flatnonzero(holds)
    frame = pl.DataFrame({"row": rows, "chars": chars[rows]}, schema={"row": pl.UInt32, "chars": pl.Int64})
    return frame.with_columns(n=pl.lit(n), limit=pl.lit(limit))


def _verdicts(judged: pl.DataFrame) -> pl.DataFrame:
    score = pl.col("share") / pl.col("limit")
    said = pl.format(
        "repeated {}-grams make up {} of the text, over {}", "n", pl.col("share").round(2), "limit"
    )
    return judged.select("node_id", kept=score <= 1, reason=pl.when(score > 1).then(said), score=score)


def _most_frequent(cut: Words, n: int, texts: int) -> Positions:
    """Characters per text within its most frequent n-gram, if it occurs twice."""
    starts, hashes = cut.grams(n)
    ends = np.cumsum(np.concatenate([[0], cut.lengths]))
    grams = pl.DataFrame(
        {"text": cut.texts[starts], "gram": hashes, "chars": ends[starts + n] - ends[starts]}
    )
    counts = grams.group_by("text", "gram").agg(pl.len(), pl.first("chars")).filter(pl.col("len") > 1)
    most = counts.group_by("text").agg((pl.col("len") * pl.col("chars")).max().alias("chars"))
    covered = np.zeros(texts, dtype=np.int64)
    covered[most["text"].to_numpy()] = most["chars"].to_numpy()
    return covered


def _repeated(cut: Words, n: int, texts: int) -> Positions:
    """Characters per text within n-grams that occurred earlier in it, each character once."""
    starts, hashes = cut.grams(n)
    grams = pl.DataFrame({"text": cut.texts[starts], "gram": hashes})
    again = starts[(~grams.select(pl.struct("text", "gram").is_first_distinct()).to_series()).to_numpy()]
    edges = np.zeros(len(cut.texts) + 1, dtype=np.int64)
    np.add.at(edges, again, 1)
    np.add.at(edges, again + n, -1)
    inside = np.cumsum(edges[:-1]) > 0
    return np.bincount(cut.texts[inside], weights=cut.lengths[inside], minlength=texts).astype(np.int64)
