"""Texts that mean the same: who is kept, within what, and by whose vectors."""

import numpy as np
import polars as pl
import pytest

from tgc.filters.base import VERDICT
from tgc.filters.semantic_duplicate import SemanticDuplicate
from tgc.fingerprint import spell

TURNS = [0.0, 0.1, 1.0, 1.1]
"""Angles: the first two are alike, and so are the last two."""


def nodes() -> pl.DataFrame:
    """Four nodes whose vectors stand at these angles."""
    vectors = np.array([[np.cos(angle), np.sin(angle)] for angle in TURNS], dtype=np.float32)
    known = pl.DataFrame(
        {"node_id": [1, 2, 3, 4], "text": ["a", "b", "c", "d"]},
        schema={"node_id": pl.UInt64, "text": pl.String},
    )
    return known.with_columns(pl.Series("vector", vectors, dtype=pl.Array(pl.Float32, 2)))


def dropped(verdicts: pl.DataFrame) -> list[tuple[int, int]]:
    assert verdicts.columns == [*VERDICT, "of"]
    return verdicts.filter(~pl.col("kept")).select("node_id", "of").rows()


def test_the_lower_id_is_kept_and_named() -> None:
    verdicts = SemanticDuplicate(embedder="model", threshold=0.9).judge(nodes())
    assert dropped(verdicts) == [(2, 1), (4, 3)]
    assert verdicts["reason"].to_list() == [
        None,
        f"cosine 0.995 to {spell(1)}",
        None,
        f"cosine 0.995 to {spell(3)}",
    ]
    assert verdicts["score"].to_list() == [None, 0.995004, None, 0.995004]


def test_the_best_score_is_kept_and_no_score_is_the_worst() -> None:
    judge = SemanticDuplicate(embedder="model", level="answer", best="grade")
    scored = nodes().with_columns(scores=pl.Series([["1"], ["2", "3"], None, ["no number"]]))
    assert dropped(judge.judge(scored)) == [(1, 2), (4, 3)]


def test_only_texts_of_one_group_are_compared() -> None:
    judge = SemanticDuplicate(embedder="model", within="siblings")
    grouped = nodes().with_columns(group=pl.Series([7, 8, 9, 9], dtype=pl.UInt64))
    assert dropped(judge.judge(grouped)) == [(4, 3)]


def test_words_need_no_vectors() -> None:
    judge = SemanticDuplicate(embedder="words")
    texts = ["Why is the sky blue today?", "why is the sky BLUE, today", "Who wrote Faust?", "猫はどこ"]
    verdicts = judge.judge(nodes().drop("vector").with_columns(text=pl.Series(texts)))
    assert dropped(verdicts) == [(2, 1)]
    assert judge.needs == frozenset()
    assert judge.embedded_by is None


def test_texts_of_one_word_are_alike_only_if_the_word_is() -> None:
    texts = pl.DataFrame({"text": [f"w{number}" for number in range(1_500)] + ["W7!"]})
    numbered = texts.with_row_index("node_id").cast({"node_id": pl.UInt64})
    assert dropped(SemanticDuplicate(embedder="words").judge(numbered)) == [(1_500, 7)]


def test_a_higher_threshold_drops_less() -> None:
    assert dropped(SemanticDuplicate(embedder="model", threshold=0.996).judge(nodes())) == []
    assert dropped(SemanticDuplicate(embedder="model", threshold=0.4).judge(nodes())) == [
        (2, 1),
        (3, 1),
        (4, 1),
    ]


def test_what_it_needs_follows_from_its_options() -> None:
    judge = SemanticDuplicate(embedder="org/vectors", within="topic", best="grade", search="approximate")
    assert judge.needs == {"vector", "group", "scores"}
    assert (judge.embedded_by, judge.grouped_by, judge.scored_by) == ("org/vectors", "topic", "grade")
    assert judge.packages == {"sentence_transformers": "embed", "faiss": "ann"}


def test_an_approximate_search_decides_as_an_exact_one_where_little_is_compared() -> None:
    pytest.importorskip("faiss", reason="needs faiss")
    exact = SemanticDuplicate(embedder="model").judge(nodes())
    assert SemanticDuplicate(embedder="model", search="approximate").judge(nodes()).equals(exact)
