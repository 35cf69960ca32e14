"""Budgets, turns and shares of a mix: met where they can be, accounted for where not, stable as a corpus grows."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mixing import avenue
from tests.orchard import node
from tgc import ir
from tgc.catalog import VERDICTS, Gathered
from tgc.mixing import Selection, blend, select
from tgc.mixing.output.emit import emit

NO_VERDICTS = pl.DataFrame(schema=VERDICTS)
HALVES = ((1, 0.5), (2, 0.5))
TOPIC = ir.Key("topic")
EVEN = ir.Margin((TOPIC,))
TOPICS = st.fixed_dictionaries({name: st.integers(0, 6) for name in ("art", "law", "physics")})
FEW = settings(deadline=None, max_examples=30)


def mixed(nodes: pl.DataFrame, size: int | None, *balance: ir.Margin, **more: object) -> Selection:
    mix = ir.Mix(size, balance, None, **more)  # type: ignore[arg-type] # checked where a Mix is made
    return select(avenue.program(mix), Gathered(nodes), NO_VERDICTS)


def achieved(selection: Selection, by: str) -> dict[str, int]:
    rows = selection.strata.filter(pl.col("by") == by)
    return {", ".join(stratum): count for stratum, count in rows.select("stratum", "achieved").iter_rows()}


def leaves(selection: Selection) -> set[int]:
    return set(selection.rows["leaf_id"])


def beginnings(selection: Selection) -> int:
    """How many rows are the beginning of another one."""
    said = {row.messages for row in selection.conversations("train")}
    return len(said & {messages[:2] for messages in said if len(messages) > 2})


def weighted(others: float = 1.0, **named: float) -> ir.Margin:
    return ir.Margin((TOPIC,), ir.Weights(tuple(sorted(named.items())), others))


def test_without_turns_conversations_are_as_long_as_they_get() -> None:
    rows = mixed(avenue.nodes({"art": 3}), None).rows
    assert rows["turns"].to_list() == [2] * 6


def test_conversations_end_at_any_answer_and_have_the_shares_of_turns() -> None:
    shares = ((1, 0.25), (2, 0.75))
    selection = mixed(avenue.nodes({"art": 40, "law": 40}), 80, turns=shares)
    assert Counter(selection.rows["turns"]) == {1: 20, 2: 60}
    lengths = [len(row.messages) for row in selection.conversations("train")]
    ends = {*zip(selection.rows["level"], lengths, strict=True)}
    assert ends == {("answer", 2), ("reply", 4)}


def test_conversations_of_one_turn_only_need_no_size() -> None:
    assert mixed(avenue.nodes({"art": 3}), None, turns=((1, 1.0),)).rows["level"].to_list() == ["answer"] * 6


def test_no_row_begins_another_while_there_are_paths_enough() -> None:
    nodes = avenue.nodes({"art": 100}, answers=1)
    assert beginnings(mixed(nodes, 60, turns=HALVES)) == 0
    assert beginnings(mixed(nodes, 200, turns=HALVES)) == 100


def test_turns_and_topics_hold_at_once() -> None:
    selection = mixed(avenue.nodes({"art": 50, "law": 50, "physics": 50}), 90, EVEN, turns=HALVES)
    assert achieved(selection, "topic") == {"art": 30, "law": 30, "physics": 30}
    assert achieved(selection, "turns") == {"1": 45, "2": 45}


def test_weights_are_shares() -> None:
    nodes = avenue.nodes({"art": 30, "law": 30, "physics": 30})
    assert achieved(mixed(nodes, 40, weighted(physics=2)), "topic") == {"art": 10, "law": 10, "physics": 20}


def test_what_has_no_share_is_left_out_and_counted() -> None:
    selection = mixed(avenue.nodes({"art": 3, "law": 3}), 100, weighted(others=0, law=1))
    assert achieved(selection, "topic") == {"art": 0, "law": 6}
    assert selection.drops == {"no share in `topic`": 6}


def test_temperature_goes_from_as_there_is_to_even() -> None:
    nodes = avenue.nodes({"art": 80, "law": 20}, answers=1)
    shares = [
        achieved(mixed(nodes, 30, ir.Margin((TOPIC,), ir.Temperature(value))), "topic")["art"]
        for value in (1, 2, 1_000)
    ]
    assert shares == [24, 20, 15]


def test_a_field_can_be_balanced() -> None:
    nodes = avenue.nodes({"art": 9, "architecture": 9, "law": 9})
    selection = mixed(nodes, 12, ir.Margin((ir.Key("topic", "domain"),)))
    assert achieved(selection, "topic.domain") == {"a": 6, "l": 6}


def test_lengths_can_be_balanced() -> None:
    nodes = avenue.nodes({"art": 40}).with_columns(
        completion_tokens=pl.when(pl.col("node_id") % 3 == 0)
        .then(pl.lit(40))
        .otherwise(pl.col("completion_tokens"))
    )
    selection = mixed(nodes, 20, ir.Margin((ir.Key(None, "tokens"),)), turns=((1, 1.0),))
    lengths = achieved(selection, "tokens")
    assert len(lengths) > 1
    assert set(lengths.values()) == {20 // len(lengths)}
    assert all(
        int(stratum[0]) // 2 < tokens <= int(stratum[0])
        for stratum, tokens in selection.rows.select("stratum", "tokens").iter_rows()
    )


def test_a_budget_of_tokens_is_filled_and_not_exceeded() -> None:
    nodes = avenue.nodes({"art": 40, "law": 40})
    row = mixed(nodes, 1).rows["tokens"].item()
    selection = mixed(nodes, None, EVEN, tokens=10 * row + row - 1)
    assert selection.rows.height == 10
    assert achieved(selection, "topic") == {"art": 5, "law": 5}
    assert selection.drops == {"beyond the tokens asked for": 150}


def test_texts_that_no_model_wrote_are_estimated() -> None:
    nodes = avenue.nodes({"art": 1}, answers=1).with_columns(
        completion_tokens=pl.when(pl.col("level") == "question")
        .then(None)
        .otherwise(pl.col("completion_tokens"))
    )
    rows = mixed(nodes, None).rows
    assert rows.select("tokens", "estimated").rows() == [(6 + 3, 3)]


@given(TOPICS, st.integers(0, 40), st.integers(0, 40))
@FEW
def test_a_smaller_mix_is_part_of_a_larger_one_whatever_its_shares(
    topics: Mapping[str, int], one: int, other: int
) -> None:
    nodes = avenue.nodes(topics)
    small, large = (
        leaves(mixed(nodes, size, weighted(law=3), turns=((1, 0.2), (2, 0.8))))
        for size in sorted((one, other))
    )
    assert small <= large


@given(TOPICS, st.integers(0, 300), st.integers(0, 300))
@FEW
def test_a_smaller_budget_of_tokens_is_part_of_a_larger_one(
    topics: Mapping[str, int], one: int, other: int
) -> None:
    nodes = avenue.nodes(topics)
    small, large = (mixed(nodes, None, EVEN, tokens=budget) for budget in sorted((one, other)))
    assert leaves(small) <= leaves(large)
    assert large.rows["tokens"].sum() <= max(one, other)


@given(TOPICS, st.integers(0, 60))
@FEW
def test_no_more_is_taken_than_there_is_and_no_less_than_asked(topics: Mapping[str, int], size: int) -> None:
    selection = mixed(avenue.nodes(topics), size, EVEN, turns=HALVES)
    assert selection.strata.filter(pl.col("achieved") > pl.col("available")).is_empty()
    assert selection.rows.height == min(size, 4 * sum(topics.values()))
    asked = selection.strata.group_by("by").agg(pl.col("asked").sum())
    assert all(total in {0, size} for total in asked["asked"])


@given(TOPICS, st.integers(1, 3), st.integers(0, 30))
@FEW
def test_a_question_more_takes_no_more_rows_from_a_mix_than_it_brings(
    topics: Mapping[str, int], questions: int, size: int
) -> None:
    before = leaves(mixed(avenue.nodes(topics), size, EVEN))
    after = leaves(mixed(avenue.nodes({**topics, "physics": topics["physics"] + questions}), size, EVEN))
    assert len(before - after) <= 2 * questions


def test_the_manifest_tells_what_was_asked_and_what_came_of_it(tmp_path: Path) -> None:
    mix = ir.Mix(60, (EVEN,), None, turns=((1, 0.5), (2, 0.3), (3, 0.2)))
    program = avenue.program(mix)
    selection = select(program, Gathered(avenue.nodes({"art": 5, "law": 40})), NO_VERDICTS)
    emit(program, blend(program, selection), tmp_path)
    told = json.loads((tmp_path / "manifest.json").read_bytes())["balance"]
    assert told["topic"] == [
        {"stratum": ["art"], "available": 20, "asked": 30, "achieved": 20, "short": 10},
        {"stratum": ["law"], "available": 160, "asked": 30, "achieved": 40, "short": 0},
    ]
    assert [(row["asked"], row["short"]) for row in told["turns"]] == [(30, 0), (18, 0), (12, 12)]


def test_a_path_that_was_not_scored_is_a_stratum_of_its_own() -> None:
    mix = ir.Mix(4, (ir.Margin((ir.Key("stars"),)),), None)
    judge = ir.Level("stars", "answer", 3, 1, ir.Score(None, None), None, None, "", ())  # type: ignore[arg-type]
    program = avenue.program(mix)
    nodes = avenue.nodes({"art": 3}, answers=1)
    scored = nodes.filter(pl.col("level") == "answer")["node_id"].sort().head(2)
    rows = [node("stars", 7 + number, parent, 3, None, "5") for number, parent in enumerate(scored)]
    both = pl.concat([nodes, pl.DataFrame(rows, schema=nodes.schema)])
    selection = select(replace(program, levels=(*program.levels, judge)), Gathered(both), NO_VERDICTS)
    assert achieved(selection, "stars") == {"-": 1, "5": 2}


def test_what_falls_short_is_told_unless_it_is_rounding() -> None:
    nodes = avenue.nodes({"art": 5, "law": 40, "physics": 40})
    assert mixed(nodes, 10, EVEN, turns=((2, 1.0),)).short == {}
    assert mixed(nodes, 60, EVEN, turns=((2, 0.75), (9, 0.25))).short == {"topic": 10, "turns": 15}
    assert mixed(nodes, None, tokens=10**6).unspent == 10**6 - 170 * 8


def test_shares_that_cannot_hold_at_once_are_told(tmp_path: Path) -> None:
    """All law is of the domain `l`, of which there is nothing else."""
    domain = ir.Margin((ir.Key("topic", "domain"),), ir.Weights((("l", 3.0),)))
    nodes = avenue.nodes({"art": 20, "law": 20, "physics": 20})
    selection = mixed(nodes, 20, EVEN, domain)
    assert selection.contradictions.rows() == [
        ("topic", ["art"], 0.3333, 0.2),
        ("topic", ["law"], 0.3333, 0.6),
        ("topic", ["physics"], 0.3333, 0.2),
    ]
    assert achieved(selection, "topic.domain") == {"a": 4, "l": 12, "p": 4}


def test_shares_that_are_short_for_want_of_rows_contradict_nothing() -> None:
    nodes = avenue.nodes({"art": 1, "law": 40, "physics": 40})
    selection = mixed(nodes, 90, EVEN, turns=((1, 0.5), (2, 0.5)))
    assert selection.short
    assert selection.contradictions.is_empty()
