"""Rules of Gopher, FineWeb and C4, length in words, and perplexity."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.filters.judging import nodes, reasons
from tgc.filters.base import VERDICT, Filter
from tgc.filters.boilerplate import Boilerplate
from tgc.filters.c4 import C4
from tgc.filters.encoding import Encoding
from tgc.filters.fineweb import FineWeb
from tgc.filters.gopher import Gopher
from tgc.filters.length import Length
from tgc.filters.perplexity import Perplexity
from tgc.filters.repetition import Repetition

EVERY: list[Filter] = [
    Boilerplate(),
    C4(),
    Encoding(),
    FineWeb(),
    Gopher(),
    Length(min_words=1),
    Perplexity(max=20),
    Repetition(),
]
PROSE = (
    "The Danube rises in the Black Forest of Germany and flows through ten countries to the Black Sea.\n\n"
    "It is the second longest river of Europe, with many large cities on its banks: Vienna, Budapest and "
    "Belgrade have all been built to control it. Boats carry grain, ore and timber along it to this day."
)


@pytest.mark.parametrize("judge", EVERY, ids=lambda judge: judge.kind)
@settings(max_examples=15, deadline=None)
@given(texts=st.lists(st.text(), max_size=4))
def test_any_text_gets_one_verdict(judge: Filter, texts: list[str]) -> None:
    verdicts = judge.judge(nodes(*texts))
    assert verdicts.select(*VERDICT).schema == pl.Schema(VERDICT)
    assert verdicts["node_id"].to_list() == list(range(1, len(texts) + 1))
    assert verdicts["kept"].to_list() == verdicts["reason"].is_null().to_list()


@pytest.mark.parametrize("judge", EVERY, ids=lambda judge: judge.kind)
def test_prose_is_kept(judge: Filter) -> None:
    assert reasons(judge, PROSE) == [None]


@pytest.mark.parametrize("judge", EVERY, ids=lambda judge: judge.kind)
def test_a_text_is_judged_by_itself(judge: Filter) -> None:
    texts = (PROSE, "", "lorem ipsum", "Ã© " * 9, PROSE * 4, "猫だ。" * 40)
    assert reasons(judge, *texts) == [reason for text in texts for reason in reasons(judge, text)]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("mean word length 2.0, under 3", "to be or to be of"),
        ("mean word length 10.8, over 10", "the extraordinarily differentiation that misrepresentation"),
        ("0.222 hashes per word, over 0.1", "# the and # of that river is long"),
        ("0.2 ellipses per word, over 0.1", "And that… was the river"),
        ("1.0 of lines begin with a bullet, over 0.9", "- the river\n  * and the sea\n\n• of that land"),
        (
            "0.5 of lines end with an ellipsis, over 0.3",
            "It is the longest of all the rivers that I know...\nAnd so on.",
        ),
        ("0.75 of words have a letter, under 0.8", "the rivers 1914 and that 1918 have ended"),
        ("1 different stop word, fewer than 2", "The river, the city, the forest"),
    ],
)
def test_gopher_tells_the_figure_and_the_limit(rule: str, text: str) -> None:
    (reason,) = reasons(Gopher(), text)
    assert reason is not None
    assert rule in reason.split("; ")


def test_gopher_counts_the_rules_that_are_broken() -> None:
    verdicts = Gopher(min_words=3).judge(nodes("# # ...", PROSE))
    assert verdicts["score"].to_list() == [6.0, 0.0]


def test_rules_that_are_null_hold_for_nothing() -> None:
    off = dict.fromkeys(
        ("min_word_length", "max_word_length", "max_symbols", "max_bullets", "max_ellipses", "min_alphabetic")
    )
    assert reasons(Gopher.model_validate({**off, "min_stop_words": None}), "# # ...", "") == [None, None]
    web = {"min_ended": None, "max_short": None, "max_repeated": None, "max_breaks": None}
    assert reasons(FineWeb.model_validate(web), "a\na\na") == [None]
    assert reasons(C4(max_dropped=None, min_sentences=None), "a\na\na") == [None]


def test_stop_words_may_be_of_another_language() -> None:
    german = Gopher(stop_words=("der", "die", "und"))
    assert reasons(german, "Der Rhein fließt durch die Schweiz und Deutschland") == [None]


def test_a_minus_sign_is_no_bullet() -> None:
    assert reasons(Gopher(), "-5 is the lowest temperature of them\n-3 and that is to be measured") == [None]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            "0.0 of lines end a sentence, under 0.12",
            "Home of the river\nNews from the city, of today and tomorrow",
        ),
        ("1.0 of lines have 30 characters or fewer, over 0.67", "Short.\r\nToo short.\r\n"),
        ("0.5 of the text are repeated lines, over 0.01", f"{PROSE[:80]}.\n{PROSE[:80]}."),
        ("0.8 line breaks per word, over 0.3", "One.\n\nTwo.\n\nThree and four."),
    ],
)
def test_fineweb_tells_the_figure_and_the_limit(rule: str, text: str) -> None:
    (reason,) = reasons(FineWeb(), text)
    assert reason is not None
    assert rule in reason.split("; ")


def test_a_line_may_end_with_a_quotation_or_in_another_script() -> None:
    web = FineWeb(max_short=None, max_breaks=None)
    assert reasons(web, "“So be it.”", "これは長い川です。", "यह एक नदी है।", "Why [1]") == [
        None,
        None,
        None,
        "0.0 of lines end a sentence, under 0.12",
    ]


def test_c4_drops_lines_not_texts() -> None:
    menu = "Home\nNews\nPlease enable Javascript to use this page.\n"
    assert reasons(C4(min_sentences=2), PROSE + "\n" + menu, PROSE[:30] + "\n" + menu) == [
        None,
        "1.0 of the text in lines that C4 drops, over 0.5; 0 sentences in lines that C4 keeps, fewer than 2",
    ]


def test_c4_looks_behind_citations_and_drops_open_ends() -> None:
    strict = C4(max_dropped=0, min_sentences=None)
    assert reasons(strict, "It rises in the Black Forest.[12]") == [None]
    assert reasons(strict, "It rises in the Black...") == ["1.0 of the text in lines that C4 drops, over 0"]


def test_curly_brackets_are_code_unless_c4_is_followed() -> None:
    code = PROSE + " In C it is written int main() {}."
    assert reasons(C4(), code) == [None]
    assert reasons(C4(curly_brackets=False), code) == ["has a curly bracket"]


def test_placeholders_are_rejected() -> None:
    assert reasons(C4(), PROSE + " Lorem Ipsum dolor.") == ["says `lorem ipsum`"]


def test_length_counts_words_of_any_script() -> None:
    assert reasons(
        Length(min_words=2, max_words=3), "Why not?", "猫だ。", "One - two; (three).", "?! -", "a b c d"
    ) == [
        None,
        None,
        None,
        "0 words, fewer than 2",
        "4 words, more than 3",
    ]


def test_the_score_of_length_is_in_the_first_unit_that_is_bounded() -> None:
    texts = nodes("two words")
    assert Length(min_chars=1, min_words=1).judge(texts)["score"].to_list() == [2.0]
    assert Length(min_chars=1, min_words=1, max_tokens=20).judge(texts)["score"].to_list() == [9.0]


def test_perplexity_is_that_of_the_mean_token() -> None:
    verdicts = Perplexity(min=2, max=3).judge(nodes("so", mean_logprob=-math.log(4)))
    assert verdicts["reason"].to_list() == ["perplexity 4.0, over 3"]
    assert verdicts["score"].to_list() == [pytest.approx(4)]
    assert Perplexity(min=2).judge(nodes("so", mean_logprob=-0.5))["reason"].to_list() == [
        "perplexity 1.649, under 2"
    ]


def test_perplexity_is_of_texts_that_a_model_wrote() -> None:
    assert Perplexity(max=3).judge(nodes("so", mean_logprob=None)).row(0) == (1, True, None, None)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (Gopher, {"min_words": 3, "max_words": 2}),
        (Gopher, {"min_word_length": 5, "max_word_length": 4}),
        (Length, {"min_words": 3, "max_words": 2}),
        (Perplexity, {}),
        (Perplexity, {"min": 3, "max": 2}),
        (Boilerplate, {"about": ()}),
        (Boilerplate, {"phrases": ("*",)}),
        (Repetition, {"tolerance": 0.1}),
    ],
)
def test_options_that_contradict_are_refused(kind: type[Filter], options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(options)
