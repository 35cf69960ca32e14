"""The best of siblings, and rows that differ: which they are, that they stay, that shares hold beside."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.mixing import avenue
from tests.orchard import node
from tgc import ir
from tgc.catalog import NODES, VERDICTS, Gathered
from tgc.lexical import SCALE, vectors
from tgc.mixing import Selection, blend, select
from tgc.mixing.output.emit import emit
from tgc.mixing.preferred.apart import NETS, apart
from tgc.mixing.preferred.covering import STEP, covering

NO_VERDICTS = pl.DataFrame(schema=VERDICTS)
EVEN = ir.Margin((ir.Key("topic"),))
JUDGE = ir.Level("stars", "answer", 3, 1, ir.Score(None, None), None, None, "", ())  # type: ignore[arg-type]
WORDS = st.lists(st.sampled_from(["law", "art", "cat", "dog", "sea", "sun"]), min_size=1, max_size=4)
TEXTS = st.lists(WORDS.map(" ".join), min_size=1, max_size=40)
FEW = settings(deadline=None, max_examples=30)


def judged(mix: ir.Mix) -> ir.Program:
    program = avenue.program(mix)
    return replace(program, levels=(*program.levels, JUDGE))


def scored(nodes: pl.DataFrame, scores: Sequence[str | None]) -> pl.DataFrame:
    """The nodes, with these scores of the answers in the order of their ids; None for one without."""
    answers = nodes.filter(pl.col("level") == "answer")["node_id"].sort()
    given = [
        node("stars", 7 + place, answer, 3, None, score)
        for place, (answer, score) in enumerate(zip(answers, scores, strict=True))
        if score is not None
    ]
    return pl.concat([nodes, pl.DataFrame(given, schema=NODES)])


def best(nodes: pl.DataFrame, keep: int, size: int | None = None) -> Selection:
    return select(judged(ir.Mix(size, (), None, best=ir.Best("stars", keep))), Gathered(nodes), NO_VERDICTS)


def answers(selection: Selection) -> list[str]:
    """What the mix says first in reply."""
    return sorted(row.messages[1].content for row in selection.conversations("train"))


def diverse(nodes: pl.DataFrame, size: int, *balance: ir.Margin, by: str = "question") -> Selection:
    return select(
        avenue.program(ir.Mix(size, balance, None, diverse=ir.Diverse(by))), Gathered(nodes), NO_VERDICTS
    )


def questions(selection: Selection) -> list[str]:
    return [row.messages[0].content for row in selection.conversations("train")]


def asking(nodes: pl.DataFrame, *texts: str) -> pl.DataFrame:
    """The nodes, with other questions, again and again."""
    ids = nodes.filter(pl.col("level") == "question")["node_id"].sort()
    said = {node_id: texts[place % len(texts)] for place, node_id in enumerate(ids)}
    asked = pl.col("node_id").replace_strict(said, default=None, return_dtype=pl.String)
    return nodes.with_columns(text=pl.coalesce(asked, "text"))


def test_of_siblings_the_best_is_taken() -> None:
    nodes = scored(avenue.nodes({"art": 2}, answers=3), ["1", "5", "3", "2", "4", "9"])
    selection = best(nodes, keep=1)
    assert answers(selection) == ["So 1001200.", "So 1002300."]
    assert selection.drops == {"not among the best by `stars`": 4}


def test_more_than_one_may_be_kept() -> None:
    nodes = scored(avenue.nodes({"art": 2}, answers=3), ["1", "5", "3", "2", "4", "9"])
    assert answers(best(nodes, keep=2)) == ["So 1001200.", "So 1001300.", "So 1002200.", "So 1002300."]


def test_what_was_not_scored_comes_last() -> None:
    nodes = scored(avenue.nodes({"art": 1}, answers=3), [None, "no idea", "0"])
    assert answers(best(nodes, keep=1)) == ["So 1001300."]


def test_several_scores_are_averaged() -> None:
    nodes = scored(avenue.nodes({"art": 1}, answers=2), ["3", "2"])
    again = pl.DataFrame([node("stars", 99, 1001200, 3, None, "5")], schema=NODES)
    assert answers(best(pl.concat([nodes, again]), keep=1)) == ["So 1001200."]


def test_ties_are_broken_whatever_the_order_of_nodes_and_not_always_for_the_first() -> None:
    nodes = scored(avenue.nodes({"art": 20}), ["3"] * 40)
    one, other = (answers(best(frame, keep=1)) for frame in (nodes, nodes.sample(fraction=1, shuffle=True)))
    assert one == other
    assert len(one) == 20
    assert {answer[-4:] for answer in one} == {"100.", "200."}


def test_a_sibling_that_is_left_out_already_takes_no_place() -> None:
    nodes = scored(avenue.nodes({"art": 1}), ["1", "5"])
    verdict = pl.DataFrame([{"node_id": 1001200, "kept": False, "filter": "length"}], schema=VERDICTS)
    program = judged(ir.Mix(None, (), None, best=ir.Best("stars", 1)))
    assert answers(select(program, Gathered(nodes), verdict)) == ["So 1001100."]


def test_all_that_hangs_below_the_best_is_taken() -> None:
    nodes = scored(avenue.nodes({"art": 1}, replies=3), ["1", "5"])
    assert answers(best(nodes, keep=1)) == ["So 1001200."] * 3


def test_no_question_comes_again_before_all_have_come() -> None:
    nodes = avenue.nodes({"art": 12}, answers=4)
    assert len(set(questions(diverse(nodes, 12)))) == 12
    assert set(Counter(questions(diverse(nodes, 36))).values()) == {3}


def test_texts_that_differ_come_before_those_that_are_alike() -> None:
    alike = [f"How many cats are there in town number {number}?" for number in range(8)]
    nodes = asking(avenue.nodes({"art": 10}, answers=1), *alike, "Who was Goethe?", "What is 2 + 2?")
    assert {"Who was Goethe?", "What is 2 + 2?"} < set(questions(diverse(nodes, 3)))


def test_whole_conversations_can_differ_too() -> None:
    selection = diverse(avenue.nodes({"art": 3}), 4, by="messages")
    assert selection.rows.height == 4
    assert selection.diversity is not None
    assert (selection.diversity.available, selection.diversity.achieved) == (6, 4)


def test_shares_hold_among_rows_that_differ() -> None:
    selection = diverse(avenue.nodes({"art": 20, "law": 20}, answers=3), 30, EVEN)
    assert selection.strata["achieved"].to_list() == [15, 15]
    assert len(set(questions(selection))) == 30


@given(TEXTS, st.integers(0, 40), st.integers(0, 40))
@FEW
def test_a_smaller_mix_of_rows_that_differ_is_part_of_a_larger_one(
    texts: list[str], one: int, other: int
) -> None:
    nodes = asking(avenue.nodes({"art": 9, "law": 7}, answers=2), *texts)
    small, large = (set(diverse(nodes, size, EVEN).rows["leaf_id"]) for size in sorted((one, other)))
    assert small <= large


@given(TEXTS, st.integers(0, 9))
@FEW
def test_the_order_of_nodes_does_not_matter_to_rows_that_differ(texts: list[str], seed: int) -> None:
    nodes = asking(avenue.nodes({"art": 9}), *texts)
    shuffled = nodes.sample(fraction=1, shuffle=True, seed=seed)
    one, other = (diverse(frame, 7).rows.drop("stored") for frame in (nodes, shuffled))
    assert one.equals(other)


@given(TEXTS)
@FEW
def test_what_is_taken_covers_all_and_is_apart_in_every_net(texts: list[str]) -> None:
    rows = vectors(pl.Series(texts))
    order = list(apart(rows))
    alike = (rows @ rows.T) / SCALE**2
    assert sorted(order) == list(range(len(texts)))
    for bound in NETS:
        before = [max(alike[row, order[:place]], default=-1.0) for place, row in enumerate(order)]
        net = order[: next((place for place, like in enumerate(before) if like >= bound), len(order))]
        assert (alike[:, net].max(axis=1) >= bound - 1e-6).all()


def test_of_many_rows_the_first_are_the_same_however_many_are_taken() -> None:
    rows = vectors(pl.Series([f"word{number % 700} and word{number % 31}" for number in range(3_000)]))
    assert list(islice(apart(rows), 50)) == list(apart(rows))[:50]


def by_definition(rows: NDArray[np.float32]) -> list[int]:
    """Next always the row that adds most to the sum of cosines with the nearest, and the first of equal ones."""
    likes = np.clip(rows @ rows.T / STEP, 0, 2**16 - 1).astype(np.int64)
    best, order = np.zeros(len(rows), dtype=np.int64), list[int]()
    while len(order) < len(rows):
        adds = [
            -1 if row in order else int(np.maximum(likes[row] - best, 0).sum()) for row in range(len(rows))
        ]
        order.append(adds.index(max(adds)))
        best = np.maximum(best, likes[order[-1]])
    return order


@given(TEXTS)
@FEW
def test_what_stands_for_most_comes_first_by_definition(texts: list[str]) -> None:
    rows = vectors(pl.Series(texts))
    assert list(covering(rows)) == by_definition(rows)


def test_of_more_rows_than_are_summed_over_at_a_time_all_come_once() -> None:
    rows = vectors(pl.Series([f"word{number % 700} and word{number % 31}" for number in range(3_000)]))
    order = list(covering(rows))
    assert sorted(order) == list(range(3_000))
    assert list(islice(covering(rows), 300)) == order[:300]


def test_one_way_takes_what_is_odd_first_and_the_other_what_stands_for_most() -> None:
    odd = ["Who was Goethe?", "What is 2 + 2?"]
    alike = [
        f"{question} in town number {number}?"
        for question in ("How many cats are there", "Who lives")
        for number in range(8)
    ]
    rows = vectors(pl.Series(odd + alike))
    assert list(islice(apart(rows), 2)) == [0, 1]
    first, second = islice(covering(rows), 2)
    assert (first - 2) // 8 != (second - 2) // 8
    assert {first, second}.isdisjoint({0, 1})


def test_a_vector_has_whole_numbers_whose_products_are_exact() -> None:
    rows = vectors(pl.Series(["one two three", "", "two three four", "猫だ"]))
    assert rows.dtype == np.float32
    assert (rows == rows.round()).all()
    exact = rows.astype(np.int64) @ rows.astype(np.int64).T
    assert ((rows @ rows.T).astype(np.int64) == exact).all()


def test_the_manifest_tells_how_many_texts_differ(tmp_path: Path) -> None:
    program = avenue.program(ir.Mix(5, (), None, diverse=ir.Diverse("question")))
    selection = select(program, Gathered(avenue.nodes({"art": 9})), NO_VERDICTS)
    emit(program, blend(program, selection), tmp_path)
    told = json.loads((tmp_path / "manifest.json").read_bytes())["diverse"]
    assert told == {
        "by": "question",
        "embedder": "words",
        "method": "k_center",
        "available": 9,
        "achieved": 5,
    }
