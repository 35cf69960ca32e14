"""Each filter rejects what it is for, says why, and leaves ordinary texts alone."""

import csv
from pathlib import Path

import polars as pl
import pytest
from pydantic import ValidationError

from tgc.filters.base import VERDICT, Filter
from tgc.filters.exact_duplicate import ExactDuplicate
from tgc.filters.length import Length
from tgc.filters.near_duplicate import NearDuplicate
from tgc.filters.refusal import Refusal
from tgc.filters.repetition import Repetition
from tgc.filters.truncated import Truncated
from tgc.registry import plugins

XSTEST = Path(__file__).parents[3] / "shared" / "data" / "xstest" / "xstest_prompts.csv"
EVERY: list[Filter] = [
    Length(min_tokens=1),
    Refusal(),
    Repetition(),
    ExactDuplicate(),
    NearDuplicate(),
    Truncated(),
]


def nodes(*texts: str, tokens: int | None = 9, finish_reason: str = "stop") -> pl.DataFrame:
    return pl.DataFrame(
        {"node_id": range(1, len(texts) + 1), "text": texts},
        schema={"node_id": pl.UInt64, "text": pl.String},
    ).with_columns(
        tokens=pl.lit(tokens, dtype=pl.Int64),
        finish_reason=pl.lit(finish_reason),
        mean_logprob=pl.lit(-1.0),
    )


def reasons(judge: Filter, *texts: str) -> list[str | None]:
    return judge.judge(nodes(*texts))["reason"].to_list()


@pytest.mark.parametrize("judge", EVERY, ids=lambda judge: judge.kind)
@pytest.mark.parametrize("texts", [(), ("",), ("One.", "Two facts.", "One.", "👍", "👎")], ids=len)
def test_every_filter_gives_one_verdict_per_node(judge: Filter, texts: tuple[str, ...]) -> None:
    verdicts = judge.judge(nodes(*texts))
    assert dict(verdicts.drop("of", strict=False).schema) == VERDICT
    assert verdicts["node_id"].to_list() == list(range(1, len(texts) + 1))
    assert verdicts["kept"].to_list() == verdicts["reason"].is_null().to_list()


def test_every_filter_is_found_by_its_folder() -> None:
    assert {judge.kind for judge in EVERY} <= set(plugins("filters"))


def test_length_counts_generated_tokens() -> None:
    verdicts = Length(min_tokens=10).judge(nodes("Four words in all."))
    assert verdicts.row(0) == (1, False, "9 tokens, fewer than 10", 9.0)
    assert reasons(Length(max_tokens=8), "x") == ["9 tokens, more than 8"]


def test_length_counts_characters() -> None:
    assert reasons(Length(min_chars=2, max_chars=3), "é", "éé", "éééé") == [
        "1 character, fewer than 2",
        None,
        "4 characters, more than 3",
    ]


def test_length_lets_pass_what_no_model_wrote() -> None:
    assert Length(min_tokens=3).judge(nodes("law", tokens=None))["kept"].to_list() == [True]


@pytest.mark.parametrize(
    "options", [{}, {"min_tokens": 3, "max_tokens": 2}, {"min_chars": 3, "max_chars": 2}]
)
def test_length_wants_bounds_that_make_sense(options: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Length.model_validate(options)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, but that is not possible.",
        "I cannot provide instructions for this.",
        "As an AI language model, I have no opinions.",
        "Thank you for asking. I am unable to assist with such requests.",
        "Sorry, I can’t.",
        "I'm sorry, I cannot go there.",
        "Sorry, but I can only talk of birds.",
    ],
)
def test_refusals_are_rejected(text: str) -> None:
    (reason,) = reasons(Refusal(), text)
    assert reason is not None
    assert reason.startswith("says `")


@pytest.mark.parametrize(
    "text",
    [
        "Penguins cannot fly, but they swim well.",
        "I can't wait to tell you: it is Vienna.",
        "Sorry, I can see why that was not clear: it is Vienna.",
        "The word is spelled b-a-n-a-n-a. " * 8 + "I'm sorry, but that is all.",
        "Helsinki is the capital of Finland.",
    ],
)
def test_answers_are_no_refusals(text: str) -> None:
    assert reasons(Refusal(), text) == [None]


def test_more_phrases_can_be_given() -> None:
    assert reasons(Refusal(phrases=("No Comment",)), "no comment.") == ["says `no comment`"]


@pytest.mark.skipif(not XSTEST.exists(), reason="XSTest is not beside the checkout (../shared/data/xstest)")
def test_prompts_that_only_look_unsafe_are_no_refusals() -> None:
    with XSTEST.open(encoding="utf-8", newline="") as file:
        safe = [row["prompt"] for row in csv.DictReader(file) if row["label"] == "safe"]
    assert len(safe) == 250
    assert not [reason for reason in reasons(Refusal(), *safe) if reason]


def test_a_duplicate_names_the_text_it_repeats() -> None:
    assert reasons(ExactDuplicate(), "Why?", "Why not?", "why", "WHY!") == [
        None,
        None,
        "same text as 0000000000000001",
        "same text as 0000000000000001",
    ]


def test_signs_that_carry_sense_tell_texts_apart() -> None:
    assert reasons(ExactDuplicate(), "2*3", "2/3", "2+3", "2-3", "C", "C#", "C++", "👍", "👎") == [None] * 9


def test_a_near_duplicate_has_its_similarity_as_score() -> None:
    text = "the river Danube flows through ten countries and reaches the Black Sea"
    verdicts = NearDuplicate(threshold=0.7).judge(nodes(text, "Unlike.", text + " today"))
    assert verdicts["kept"].to_list() == [True, True, False]
    assert verdicts["score"].to_list() == [None, None, 10 / 11]
    assert verdicts["reason"][2] == "similarity 0.909 to 0000000000000001"


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of France?",
        "the the the cat",
        "Yes, yes.",
        "What is the capital of France? The capital of France is Paris.",
        "Mercury is the smallest planet in the solar system. Jupiter is the largest in the solar system.",
        "猫は動物です。",
    ],
)
def test_short_texts_may_put_facts_alike(text: str) -> None:
    assert reasons(Repetition(), text) == [None]


@pytest.mark.parametrize(
    "text",
    [
        "the the the the the the the the",
        "I am I am I am I am I am",
        "It is a big cat. " * 4,
        "One two three four five six seven. " + " ".join(f"w{n}" for n in range(60)) + " all the same" * 20,
        "猫猫猫猫猫猫猫猫",
    ],
)
def test_loops_are_rejected(text: str) -> None:
    (reason,) = reasons(Repetition(), text)
    assert reason is not None
    assert "-grams make up" in reason


def test_ordinary_prose_is_not_repetitive() -> None:
    prose = (Path(__file__).parents[2] / "warehouse" / "README.md").read_text(encoding="utf-8")
    assert reasons(Repetition(), prose) == [None]


def test_a_text_that_was_cut_is_rejected() -> None:
    assert Truncated().judge(nodes("and so", finish_reason="length")).row(0) == (
        1,
        False,
        "cut off at `max_tokens`",
        1.0,
    )
    assert reasons(Truncated(), "So.") == [None]
