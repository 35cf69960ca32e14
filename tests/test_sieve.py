"""Filters judge in order, only what is alive, and never twice."""

from random import Random
from typing import ClassVar, Literal

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests import orchard
from tests.orchard import ANSWER, QUESTION, program, say
from tgc.catalog import VERDICTS, Gathered
from tgc.filters.base import MEASURES, Measuring
from tgc.filters.exact_duplicate import ExactDuplicate
from tgc.filters.length import Length
from tgc.filters.semantic_duplicate import SemanticDuplicate
from tgc.sieve import sift
from tgc.sieve.together import together

LONG = Length(max_chars=12)


def rejected(verdicts: pl.DataFrame) -> list[tuple[int, str]]:
    return verdicts.filter(~pl.col("kept")).select("node_id", "filter").rows()


def test_no_filters_no_verdicts() -> None:
    verdicts = sift(program(), Gathered(orchard.nodes(2, 1)))
    assert verdicts.is_empty()
    assert verdicts.schema == pl.Schema(VERDICTS)


def test_each_judged_node_has_one_verdict_per_filter() -> None:
    verdicts = sift(program((LONG, ("question", "answer"))), Gathered(orchard.nodes(2, 1)))
    assert verdicts["node_id"].n_unique() == verdicts.height == 3 + 6
    assert set(verdicts["recipe"]) == {"orchard"}
    assert not rejected(verdicts)


def test_what_hangs_under_a_rejected_node_is_not_judged() -> None:
    nodes = say(orchard.nodes(2), QUESTION, "Why is this question so very long?")
    verdicts = sift(program((LONG, ("question", "answer"))), Gathered(nodes))
    assert rejected(verdicts) == [(QUESTION, "length")]
    assert verdicts.filter(pl.col("node_id") >= ANSWER)["node_id"].to_list() == [ANSWER + 2, ANSWER + 3]


def test_a_later_filter_sees_only_what_earlier_ones_kept() -> None:
    nodes = say(say(orchard.nodes(2), ANSWER, "The very same text."), ANSWER + 3, "The very same text!")
    both = sift(program((LONG, ("answer",)), (ExactDuplicate(), ("answer",))), Gathered(nodes))
    alone = sift(program((ExactDuplicate(), ("answer",))), Gathered(nodes))
    assert rejected(both) == [(ANSWER, "length"), (ANSWER + 3, "length")]
    assert rejected(alone) == [(ANSWER + 3, "exact_duplicate")]


def test_filters_of_one_kind_are_told_apart() -> None:
    verdicts = sift(
        program((LONG, ("question",)), (Length(min_chars=1), ("question",))), Gathered(orchard.nodes(1))
    )
    assert verdicts["filter"].to_list() == ["length", "length#2"]


def test_siblings_that_were_not_picked_are_rejected_first() -> None:
    picked = {"question": np.array([QUESTION], dtype=np.uint64)}
    verdicts = sift(program((LONG, ("answer",))), Gathered(orchard.nodes(2)), picked)
    assert rejected(verdicts) == [(QUESTION + 1, "distinct")]
    assert verdicts.filter(pl.col("filter") == "length")["node_id"].to_list() == [ANSWER, ANSWER + 1]


def test_verdicts_do_not_depend_on_the_order_of_nodes() -> None:
    checks = program((LONG, ("question", "answer")), (ExactDuplicate(), ("answer",)))
    nodes = orchard.nodes(3, 2)
    mixed = nodes.sample(fraction=1, shuffle=True, seed=3)
    assert sift(checks, Gathered(mixed)).equals(sift(checks, Gathered(nodes)))


class Shout(Measuring):
    """Counts capitals beside what was asked; a test's own filter."""

    thresholds: ClassVar[frozenset[str]] = frozenset({"most"})
    kind: Literal["shout"] = "shout"
    most: int = 3

    @property
    def needs(self) -> frozenset[str]:
        return frozenset({"asked", "topic"})

    def measure(self, nodes: pl.DataFrame) -> pl.DataFrame:
        count = pl.col("text").str.count_matches("[A-Z]").cast(pl.Float64)
        return nodes.select("node_id", score=count, said=pl.col("asked") + " of " + pl.col("topic"))

    def decide(self, measured: pl.DataFrame) -> pl.DataFrame:
        kept = pl.col("score") <= self.most
        return measured.select("node_id", kept=kept, reason=pl.when(~kept).then("said"), score="score")


class Diary:
    """Remembers, and counts what it is told."""

    def __init__(self) -> None:
        self.known: dict[str, pl.DataFrame] = {}
        self.told = 0

    def recall(self, metric: str, node_ids: pl.Series, /) -> pl.DataFrame:
        known = self.known.get(metric, pl.DataFrame(schema=MEASURES))
        return known.filter(pl.col("node_id").is_in(node_ids.implode()))

    def remember(self, metric: str, measured: pl.DataFrame, /) -> None:
        self.told += measured.height
        self.known[metric] = pl.concat([self.known.get(metric, pl.DataFrame(schema=MEASURES)), measured])


def test_a_filter_sees_what_was_asked_and_the_levels_above() -> None:
    nodes = say(orchard.nodes(1, 1), ANSWER + 201, "LOUD!")
    verdicts = sift(program((Shout(), ("answer",))), Gathered(nodes))
    assert verdicts.filter(~pl.col("kept")).select("node_id", "reason").rows() == [
        (ANSWER + 201, "Why 1.0? of topic 1")
    ]


def test_another_threshold_measures_nothing_again() -> None:
    diary, corpus = Diary(), Gathered(say(orchard.nodes(2), ANSWER, "LOUD!"))
    strict = sift(program((Shout(), ("answer",))), corpus, memory=diary)
    lenient = sift(program((Shout(most=4), ("answer",))), corpus, memory=diary)
    assert diary.told == 4
    assert (rejected(strict), rejected(lenient)) == ([(ANSWER, "shout")], [])


def test_nodes_that_were_not_measured_are_measured_beside_those_that_were() -> None:
    diary, judges = Diary(), program((Shout(), ("answer",)))
    sift(judges, Gathered(orchard.nodes(1)), memory=diary)
    grown = Gathered(say(orchard.nodes(3), ANSWER + 5, "LOUD!"))
    assert sift(judges, grown, memory=diary).equals(sift(judges, grown))
    assert diary.told == 6


def test_a_filter_is_handed_the_vectors_that_it_asks_for() -> None:
    judge = SemanticDuplicate(embedder="org/vectors")
    told: list[object] = []

    def embed(
        texts: pl.Series, model: object, embedder: object
    ) -> "np.ndarray[tuple[int, int], np.dtype[np.float16]]":
        told.append((texts.to_list(), model, embedder))
        return np.eye(2, dtype=np.float16)[[0, 0, 1]]

    verdicts = sift(program((judge, ("question",))), Gathered(orchard.nodes(3)), embed=embed)
    assert told == [(["Why 0.0?", "Why 0.1?", "Why 0.2?"], None, None)]
    assert rejected(verdicts) == [(QUESTION + 1, "semantic_duplicate")]
    assert verdicts["of"].to_list() == [None, QUESTION, None]


def test_without_vectors_nothing_is_alike() -> None:
    verdicts = sift(program((SemanticDuplicate(embedder="model"), ("question",))), Gathered(orchard.nodes(3)))
    assert verdicts["kept"].all()


@given(st.integers(1, 30), st.integers(1, 7), st.randoms())
def test_vectors_put_together_from_slices_are_those_of_their_nodes(
    count: int, step: int, random: Random
) -> None:
    ids = random.sample(range(1, 100), count)
    vectors = np.array([[node, -node, 0.5] for node in ids], dtype=np.float16)
    nodes = pl.DataFrame({"node_id": ids, "text": [*map(str, ids)]}, schema_overrides={"node_id": pl.UInt64})
    whole = nodes.with_columns(vector=pl.Series(vectors))
    plain, pointed = (together(frame.iter_slices(step), nodes["node_id"]) for frame in (nodes, whole))
    assert plain.equals(nodes.sort("node_id"))
    assert pointed.equals(whole.sort("node_id"))


class Blind(ExactDuplicate):
    """Is given what it goes by."""

    kind: Literal["blind"] = "blind"  # type: ignore[assignment]
    given: ClassVar[list[str]] = []

    @property
    def sees(self) -> tuple[str, ...]:
        return ("node_id", "text")

    def compare(self, ranked: pl.DataFrame) -> pl.DataFrame:
        self.given.extend(ranked.columns)
        return super().compare(ranked)


def test_a_filter_is_given_the_columns_that_it_goes_by() -> None:
    sift(program((Blind(), ("answer",))), Gathered(orchard.nodes(2)))
    assert Blind.given == ["node_id", "text"]
