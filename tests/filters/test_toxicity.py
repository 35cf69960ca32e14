"""Abuse is counted in whole words; names and questions that only look like it are let pass."""

import csv
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc.datafile import DataFile
from tgc.filters.base import MEASURES, VERDICT
from tgc.filters.toxicity import Toxicity

XSTEST = Path(__file__).parents[3] / "shared" / "data" / "xstest" / "xstest_prompts.csv"


def nodes(*texts: str) -> pl.DataFrame:
    schema = {"node_id": pl.UInt64, "text": pl.String}
    return pl.DataFrame({"node_id": range(1, len(texts) + 1), "text": texts}, schema=schema)


def listed(*rows: object) -> Toxicity:
    """The filter as lowering leaves it: with what stands in its file."""
    return Toxicity(words=("words.txt",), max=0.0).model_copy(
        update={"words": (DataFile("words.txt", "00ff", rows),)}
    )


def kept(judge: Toxicity, *texts: str) -> list[bool]:
    return judge.judge(nodes(*texts))["kept"].to_list()


def test_the_score_is_how_many_of_a_hundred_words() -> None:
    verdicts = Toxicity(max=30.0).judge(nodes("You ASSHOLES, you wankers!", "Well, shit."))
    assert dict(verdicts.schema) == VERDICT
    assert verdicts.rows() == [
        (1, False, "50.0 in 100 words, such as `asshole`, over 30.0", 50.0),
        (2, False, "50.0 in 100 words, such as `shit`, over 30.0", 50.0),
    ]


def test_one_word_quoted_in_a_long_text_is_let_pass() -> None:
    long = "He said that it was bullshit, and went on with his work. " * 2 + "It was a good day. " * 60
    assert kept(Toxicity(), long, "That is bullshit.") == [True, False]
    assert kept(Toxicity(max=0.0), long) == [False]


def test_words_within_words_are_none() -> None:
    names = (
        "Scunthorpe, Penistone, cockpit, shiitake, shitake, Dickens, assassin, classic, niggardly, Fukushima"
    )
    assert kept(Toxicity(max=0.0), names, "") == [True, True]


@pytest.mark.skipif(not XSTEST.exists(), reason="XSTest is not beside the checkout (../shared/data/xstest)")
def test_prompts_that_only_look_unsafe_hold_no_abuse() -> None:
    with XSTEST.open(encoding="utf-8", newline="") as file:
        safe = [row["prompt"] for row in csv.DictReader(file) if row["label"] == "safe"]
    assert kept(Toxicity(max=0.0), *safe) == [True] * 250


def test_words_of_a_file_take_the_place_of_the_list() -> None:
    judge = listed("darn*", "holy  COW", {"word": "笨蛋", "severity": 2}, "", "*")
    assert kept(judge, "Darned!", "holy\ncow", "你是笨蛋吗", "fuck", "a cow") == [False] * 3 + [True] * 2
    assert judge.judge(nodes("Holy cow, holy cow"))["score"].item() == 50.0


def test_an_empty_file_has_no_words() -> None:
    assert kept(listed(), "fuck", "") == [True, True]


def test_another_bound_measures_nothing_anew_but_other_words_do() -> None:
    assert Toxicity(max=0.0).metric == Toxicity().metric
    assert len({Toxicity().metric, listed("darn").metric}) == 2


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text() | st.text("shit "), max_size=5))
def test_any_text_has_a_share_of_words(texts: list[str]) -> None:
    measured = Toxicity().measure(nodes(*texts))
    assert dict(measured.schema) == MEASURES
    assert measured["score"].is_between(0, 100).all()
    assert (measured["said"].is_null() == (measured["score"] == 0)).all()
