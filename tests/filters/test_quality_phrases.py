"""Phrases that a model falls into, and texts that only look like them."""

import csv
import json
from pathlib import Path

import pytest

from tests.filters.judging import reasons
from tgc.filters.boilerplate import Boilerplate
from tgc.filters.refusal import Refusal

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize(
    "text",
    [
        "Paris is lovely. As an AI language model, I have never been there.",
        "It was in 2019, as of my last update.",
        "I’m just an AI, so I can only guess.",
        "Boil it for ten minutes. I hope this\nhelps!",
        "LET ME KNOW IF YOU'D LIKE ME TO go on.",
        "Here's a question: who was Nero?",
        "Sure! Here are three ideas.",
    ],
)
def test_boilerplate_is_found_anywhere(text: str) -> None:
    (reason,) = reasons(Boilerplate(), text)
    assert reason is not None
    assert reason.startswith("says `")


@pytest.mark.parametrize(
    "text",
    [
        "As an aid to memory, write it down.",
        "She works as an AI engineer in Kyiv.",
        "The court is here. A question remains.",
        "I was trained by the best cooks of Lyon.",
        "Please let me know if you have any questions about the report.",
        "Hope is the thing with feathers.",
    ],
)
def test_ordinary_texts_hold_no_boilerplate(text: str) -> None:
    assert reasons(Boilerplate(), text) == [None]


def test_topics_are_chosen() -> None:
    texts = ("I hope this helps.", "As an AI model, no.", "Here is a question: why?")
    assert [reason is None for reason in reasons(Boilerplate(about=("itself",)), *texts)] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("phrase", "said"), [("delv*", "delves"), ("*elve*", "delves"), ("*rk", "work"), ("elve", None)]
)
def test_a_star_is_any_part_of_a_word(phrase: str, said: str | None) -> None:
    (reason,) = reasons(Boilerplate(about=(), phrases=(phrase,)), "Their work delves.")
    assert reason == (said and f"says `{said}`")


def test_what_is_said_is_told_on_one_line() -> None:
    assert reasons(Boilerplate(), "I hope  this\n\thelps.") == ["says `hope this helps`"]


@pytest.mark.parametrize(
    "text",
    [
        "As an aid to memory, write it down.",
        "I can't help but be drawn to it.",
        "I can't answered, he wrote.",
    ],
)
def test_words_that_only_begin_like_a_refusal_are_none(text: str) -> None:
    assert reasons(Refusal(), text) == [None]


@pytest.mark.parametrize(
    "text", ["I cannot fulfill this.", "Sorry, I cannot.", "I'm unable to help. Ask a doctor."]
)
def test_other_endings_of_refusals_are_known(text: str) -> None:
    assert reasons(Refusal(), text) != [None]


@pytest.mark.skipif(not DATA.exists(), reason="real texts are not beside the checkout (../shared/data)")
@pytest.mark.parametrize("judge", [Boilerplate(), Refusal()], ids=lambda judge: judge.kind)
def test_what_people_wrote_is_neither(judge: Boilerplate | Refusal) -> None:
    with (DATA / "xstest" / "xstest_prompts.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["prompt"] for row in csv.DictReader(file)]
    bench = DATA / "mt_bench" / "fastchat" / "llm_judge" / "data" / "mt_bench" / "question.jsonl"
    for line in bench.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        texts += [*row["turns"], *row.get("reference", [])]
    assert len(texts) > 600
    assert not [reason for reason in reasons(judge, *texts) if reason]
