"""Filters that hold a turn against the one before, or against what the user says of it."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tgc import expressions
from tgc.errors import TgcError
from tgc.filters.base import SEEN, Filter
from tgc.filters.echo import Echo
from tgc.filters.expression import Expression
from tgc.filters.unanswered import Unanswered

QUESTION = "What is the capital of France, and since when?"


def turns(*pairs: tuple[str | None, str]) -> pl.DataFrame:
    """Nodes that answer, each with what was asked."""
    rows = [(place, said, 9, "stop", -1.0, asked) for place, (asked, said) in enumerate(pairs, start=1)]
    return pl.DataFrame(rows, schema=SEEN | {"asked": pl.String}, orient="row")


def kept(judge: Filter, *pairs: tuple[str | None, str]) -> list[bool]:
    return judge.judge(turns(*pairs))["kept"].to_list()


def test_an_answer_that_only_repeats_its_question_is_an_echo() -> None:
    verdicts = Echo().judge(
        turns(
            (QUESTION, "The capital of France, and since when?"),
            (QUESTION, "What is the capital of France? Paris is, since the tenth century or so."),
            (QUESTION, "Paris."),
            ("Paris", "paris!"),
            (None, "Paris."),
            (None, ""),
        )
    )
    assert verdicts["kept"].to_list() == [False, True, True, False, True, True]
    assert verdicts["reason"][0] == "1.0 of it stands in the turn before, over 0.8"
    assert verdicts["score"].to_list() == [1.0, pytest.approx(4 / 12), 0.0, 1.0, 0.0, 0.0]


@given(st.lists(st.tuples(st.none() | st.text(max_size=30), st.text(max_size=30)), max_size=6))
def test_any_text_gets_one_verdict_in_its_place(pairs: list[tuple[str | None, str]]) -> None:
    for judge in (Echo(), Unanswered(), Expression(sql="length(text) > length(asked)")):
        verdicts = judge.judge(turns(*pairs))
        assert verdicts["node_id"].to_list() == list(range(1, len(pairs) + 1))
        assert (verdicts["reason"].is_null() == verdicts["kept"]).all()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("…", "it has no words"),
        ("", "it has no words"),
        ("Which France? The one in Europe?", "it is nothing but a question"),
        ("你是说哪一个？", "it is nothing but a question"),
        ("ماذا تقصد؟", "it is nothing but a question"),
        ("巴黎。还有别的问题吗？", None),
        ("Could  you please tell me which one you mean.", "asks back: `Could you please`"),
        ("I’m not sure what you mean. Do tell.", "asks back: `I’m not sure what you mean`"),
        ("Paris. Do you want to know more?", None),
        ("42", None),
        ("x² = 4", None),
        ("+", None),
        ("Ask yourself: could it be Paris? It is.", None),
        ("A letter: " + "dear sir, " * 30 + "please provide me with your address.", None),
    ],
)
def test_an_answer_is_an_answer_by_its_form(text: str, reason: str | None) -> None:
    assert Unanswered().judge(turns((QUESTION, text)))["reason"].to_list() == [reason]


def test_an_expression_of_sql_judges_by_the_turn_before_and_the_levels_above() -> None:
    judge = Expression(sql="length(text) > length(asked) or topic = 'law'")
    assert judge.needs == {"asked", "topic"}
    nodes = turns(("Why?", "So it is."), ("Why though?", "So.")).with_columns(topic=pl.lit("art"))
    verdicts = judge.judge(nodes)
    assert verdicts["reason"].to_list() == [None, f"`{judge.sql}` is not true"]
    assert verdicts["score"].to_list() == [1.0, 0.0]


def test_an_expression_that_gives_a_number_is_held_against_bounds() -> None:
    judge = Expression(polars='col("text").str.len_chars() / col("asked").str.len_chars()', min=1, max=2)
    verdicts = judge.judge(turns(("Why?", "So"), ("Why?", "So it"), ("Why?", "So it is, yes"), (None, "So")))
    assert verdicts["kept"].to_list() == [False, True, False, False]
    assert verdicts["score"].to_list() == [0.5, 1.25, 3.25, None]
    assert verdicts["reason"][0] == f"`{judge.polars}` is 0.5, under 1 or over 2"


def test_what_cannot_be_worked_out_for_a_node_is_said_of_the_expression() -> None:
    judge = Expression(sql="cast(mean_logprob as tinyint) < 3")
    with pytest.raises(TgcError, match="fails on a node"):
        judge.judge(turns(("Why?", "So")).with_columns(mean_logprob=pl.lit(-1000.0)))


def test_nulls_are_not_true() -> None:
    assert kept(Expression(sql="asked = 'Why?'"), (None, "So"), ("Why?", "So")) == [False, True]


@pytest.mark.parametrize(
    "wrong",
    [
        "__import__('os')",
        "col('text').__class__",
        "(lambda: 1)()",
        "[x for x in (1,)]",
        "col('text').map_batches(col)",
        "col('text').map_elements(col)",
        "'a' * 10**9",
        "open('x')",
        "1",
        "col('text'",
        "col",
    ],
)
def test_an_expression_of_polars_is_nothing_else(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        expressions.python(wrong)


@pytest.mark.parametrize(
    "sql",
    [
        "avg(tokens) > 3",
        "first(text) = 'a'",
        "rank() over (order by tokens) > 1",
        "lag(tokens) over (order by tokens) > 3 and text in ('a')",
        "sum(tokens) over (partition by text) > 3",
    ],
)
def test_an_expression_looks_at_one_node_alone(sql: str) -> None:
    with pytest.raises(ValidationError, match="depends on other rows"):
        Expression(sql=sql)


def test_polars_too_looks_at_one_node_alone() -> None:
    with pytest.raises(ValidationError, match="depends on other rows"):
        Expression(polars='col("tokens").cum_sum() > 1000')


@pytest.mark.parametrize(
    "sql",
    [
        "text in ('a', 'b')",
        "text ~ '^[A-Z]' and not (text ilike '%sorry%')",
        "case when tokens > 3 then true else false end",
        "coalesce(tokens, 0) between 3 and 8",
        "exp(-mean_logprob) < 20",
        "array_length(string_to_array(text, ' ')) > 3",
    ],
)
def test_what_sql_can_say_of_a_node(sql: str) -> None:
    assert len(kept(Expression(sql=sql), ("Why?", "So."))) == 1
