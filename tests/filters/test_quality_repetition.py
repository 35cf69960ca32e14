"""Repetition of lines and paragraphs, and what an edit of its tolerance costs."""

import pytest

from tests.filters.judging import nodes, reasons
from tgc.filters.repetition import Repetition

FACTS = tuple(f"fact{n} says thing{n} of place{n} in year{n} with name{n}." for n in range(12))


@pytest.mark.parametrize("separator", ["\n", "\r\n", " \n  "])
def test_lines_that_come_again_are_rejected(separator: str) -> None:
    lines = (*FACTS, *["More"] * 7)
    assert reasons(Repetition(), separator.join(lines[:-1]), separator.join(lines)) == [
        None,
        "repeated lines are 0.316 of all lines, where Gopher allows 0.3",
    ]


def test_characters_in_lines_that_come_again_are_counted() -> None:
    (reason,) = reasons(Repetition(units=("lines",)), "\n".join([*FACTS, *FACTS[:4]]))
    assert reason == "repeated lines make up 0.247 of the text, where Gopher allows 0.2"


def test_paragraphs_that_come_again_are_rejected() -> None:
    text = "\n\n".join([*FACTS, *FACTS[:4]])
    (reason,) = reasons(Repetition(units=("paragraphs",)), text)
    assert reason == "repeated paragraphs make up 0.247 of the text, where Gopher allows 0.2"
    assert reasons(Repetition(units=("paragraphs",)), text.replace("\n\n", "\n")) == [None]


def test_a_loop_makes_up_no_more_than_all_of_a_text() -> None:
    (reason,) = reasons(Repetition(), "ha " * 400)
    assert reason == "repeated 10-grams make up 0.998 of the text, where Gopher allows 0.1"


def test_the_limit_for_short_texts_is_not_gophers() -> None:
    (reason,) = reasons(Repetition(), "so it is so it is so it is so it is")
    assert reason == "repeated 2-grams make up 0.75 of a short text, over 0.5"


def test_code_may_close_its_brackets() -> None:
    code = "\n".join(f"if (fact{n}) {{\n  call{n}(thing{n}, place{n});\n}}" for n in range(20))
    assert reasons(Repetition(units=("words",)), code) == [None]
    assert reasons(Repetition(), code) != [None]


def test_lines_of_short_texts_may_come_again() -> None:
    assert reasons(Repetition(), "Yes.\nNo.\nYes.") == [None]


def test_tolerance_decides_on_what_was_measured() -> None:
    texts = nodes("\n".join([*FACTS, *FACTS[:4]]), "\n".join(FACTS))
    strict, lenient = Repetition(units=("lines",)), Repetition(units=("lines",), tolerance=1.5)
    measured = strict.measure(texts)
    assert strict.metric == lenient.metric
    assert strict.decide(measured)["kept"].to_list() == [False, True]
    assert lenient.decide(measured)["kept"].to_list() == [True, True]
    assert lenient.decide(measured)["score"].to_list() == [pytest.approx(1.24, abs=0.01), 0.0]


def test_what_else_is_counted_is_another_measure() -> None:
    assert Repetition(units=("lines",)).metric != Repetition().metric != Repetition(min_words=3).metric
