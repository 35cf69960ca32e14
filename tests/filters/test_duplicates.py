"""A text is rejected for one that is kept: the best of those alike, or the first, among all or under one node."""

from pathlib import Path

import polars as pl
import pytest

from tests.workshop import Workshop
from tgc.executor import Outcome
from tgc.filters.base import PARTLY, Comparing
from tgc.filters.exact_duplicate import ExactDuplicate
from tgc.filters.near_duplicate import NearDuplicate
from tgc.fingerprint import spell
from tgc.jaccard import fast
from tgc.render.outcome import summary

DANUBE = "the river Danube flows through ten countries and reaches the Black Sea"
KINDS = pytest.mark.parametrize("kind", [ExactDuplicate, NearDuplicate])

Kind = type[ExactDuplicate] | type[NearDuplicate]


def nodes(*texts: str, **columns: list[object]) -> pl.DataFrame:
    ids = pl.DataFrame({"node_id": range(1, len(texts) + 1), "text": texts}).cast({"node_id": pl.UInt64})
    dtypes = {"scores": pl.List(pl.String), "group": pl.UInt64()}
    return ids.with_columns(pl.Series(name, values, dtypes[name]) for name, values in columns.items())


def of(judge: Comparing, given: pl.DataFrame) -> list[int | None]:
    """For whom each text is rejected."""
    verdicts = judge.judge(given)
    assert verdicts["node_id"].to_list() == given["node_id"].to_list()
    assert verdicts["kept"].to_list() == verdicts["of"].is_null().to_list()
    return verdicts["of"].to_list()


@KINDS
def test_the_first_of_those_alike_is_kept(kind: Kind) -> None:
    assert of(kind(), nodes("Why?", DANUBE, "why", f"{DANUBE}!", "WHY")) == [None, None, 1, 2, 1]


@KINDS
def test_the_best_of_those_alike_is_kept_and_then_the_first(kind: Kind) -> None:
    given = nodes("Why?", "why", "WHY!", "why.", scores=[["1", "3"], ["5"], ["4", "6"], None])
    assert of(kind(best="quality"), given) == [2, None, 2, 2]


@KINDS
def test_a_text_without_a_number_for_a_score_comes_last(kind: Kind) -> None:
    given = nodes("Why?", "why", "WHY!", scores=[["good"], [], ["-7"]])
    assert of(kind(best="quality"), given) == [3, 3, None]


@KINDS
def test_texts_under_other_nodes_are_others(kind: Kind) -> None:
    given = nodes("Why?", "why", "WHY!", "why.", group=[7, 8, 8, 7])
    assert of(kind(within="siblings"), given) == [None, None, 2, 1]


def test_of_several_alike_the_most_similar_is_named() -> None:
    given = nodes(DANUBE, "Unlike.", f"{DANUBE} in the end after all", f"{DANUBE} in the end")
    verdicts = NearDuplicate(threshold=0.7).judge(given)
    assert verdicts["of"].to_list() == [None, None, None, 3]
    assert verdicts["reason"][3] == f"similarity 0.867 to {spell(3)}"
    assert verdicts["score"].to_list() == [None, None, None, 13 / 15]


def test_what_was_not_compared_with_all_is_kept_with_a_remark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "STEPS", 0)
    texts = [f"{DANUBE} {number // 2} {number // 3} {number}" for number in range(6000)]
    verdicts = NearDuplicate(threshold=0.9).judge(nodes(*texts))
    remarks = verdicts.filter("kept", pl.col("reason").is_not_null())
    assert remarks["reason"].unique().to_list() == [PARTLY]
    told = remarks.with_columns(filter=pl.lit("near_duplicate"), recipe=pl.lit("demo"))
    said = summary(Outcome(1, status="done", verdicts=told), "here").splitlines()
    assert said[1] == f"{remarks.height:,} nodes that `near_duplicate` kept: {PARTLY}"


def test_the_best_answer_is_kept_in_a_build(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    workshop.edit(
        "mix:",
        '  note: {map: "{{ topic }}", under: answer, speaks: user}\n'
        '  mark: {score: "Mark {{ note }}", answers: 1..5, under: note}\n'
        "filters:\n"
        "  - {kind: near_duplicate, level: note, best: mark, within: topic}\n"
        "mix:",
    )
    workshop.build()
    told = workshop.sql(
        "select note.text as topic, mark.text::int as mark, kept, duplicate_of from verdicts"
        " join nodes as note using (node_id) join nodes as mark on mark.parent_id = note.node_id"
        " where filter = 'near_duplicate'"
    )
    kept = told.filter("kept").select("topic", best="mark")
    assert kept.sort("topic").equals(told.group_by("topic").agg(best=pl.max("mark")).sort("topic"))
    assert told.filter(~pl.col("kept"))["duplicate_of"].n_unique() == kept.height == 3
