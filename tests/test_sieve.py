"""Filters judge in order, only what is alive, and never twice."""

import numpy as np
import polars as pl

from tests import orchard
from tests.orchard import ANSWER, QUESTION, program, say
from tgc.catalog import VERDICTS
from tgc.filters.exact_duplicate import ExactDuplicate
from tgc.filters.length import Length
from tgc.sieve import sift

LONG = Length(max_chars=12)


def rejected(verdicts: pl.DataFrame) -> list[tuple[int, str]]:
    return verdicts.filter(~pl.col("kept")).select("node_id", "filter").rows()


def test_no_filters_no_verdicts() -> None:
    verdicts = sift(program(), orchard.nodes(2, 1))
    assert verdicts.is_empty()
    assert verdicts.schema == pl.Schema(VERDICTS)


def test_each_judged_node_has_one_verdict_per_filter() -> None:
    verdicts = sift(program((LONG, ("question", "answer"))), orchard.nodes(2, 1))
    assert verdicts["node_id"].n_unique() == verdicts.height == 3 + 6
    assert set(verdicts["recipe"]) == {"orchard"}
    assert not rejected(verdicts)


def test_what_hangs_under_a_rejected_node_is_not_judged() -> None:
    nodes = say(orchard.nodes(2), QUESTION, "Why is this question so very long?")
    verdicts = sift(program((LONG, ("question", "answer"))), nodes)
    assert rejected(verdicts) == [(QUESTION, "length")]
    assert verdicts.filter(pl.col("node_id") >= ANSWER)["node_id"].to_list() == [ANSWER + 2, ANSWER + 3]


def test_a_later_filter_sees_only_what_earlier_ones_kept() -> None:
    nodes = say(say(orchard.nodes(2), ANSWER, "The very same text."), ANSWER + 3, "The very same text!")
    both = sift(program((LONG, ("answer",)), (ExactDuplicate(), ("answer",))), nodes)
    alone = sift(program((ExactDuplicate(), ("answer",))), nodes)
    assert rejected(both) == [(ANSWER, "length"), (ANSWER + 3, "length")]
    assert rejected(alone) == [(ANSWER + 3, "exact_duplicate")]


def test_filters_of_one_kind_are_told_apart() -> None:
    verdicts = sift(program((LONG, ("question",)), (Length(min_chars=1), ("question",))), orchard.nodes(1))
    assert verdicts["filter"].to_list() == ["length", "length#2"]


def test_siblings_that_were_not_picked_are_rejected_first() -> None:
    picked = {"question": np.array([QUESTION], dtype=np.uint64)}
    verdicts = sift(program((LONG, ("answer",))), orchard.nodes(2), picked)
    assert rejected(verdicts) == [(QUESTION + 1, "distinct")]
    assert verdicts.filter(pl.col("filter") == "length")["node_id"].to_list() == [ANSWER, ANSWER + 1]


def test_verdicts_do_not_depend_on_the_order_of_nodes() -> None:
    checks = program((LONG, ("question", "answer")), (ExactDuplicate(), ("answer",)))
    nodes = orchard.nodes(3, 2)
    assert sift(checks, nodes.sample(fraction=1, shuffle=True, seed=3)).equals(sift(checks, nodes))
