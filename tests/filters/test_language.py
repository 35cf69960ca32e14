"""Texts in other languages are told by their letters; what is too short to tell is let pass."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tgc.detect.languages import CODES
from tgc.filters.base import MEASURES, VERDICT
from tgc.filters.language import Language

SAID = {
    "de": "Die Donau fließt durch zehn Länder und mündet in das Schwarze Meer.",
    "en": "The Danube flows through ten countries and reaches the Black Sea.",
    "fr": "Le Danube traverse dix pays avant de se jeter dans la mer Noire.",
    "es": "El Danubio atraviesa diez países y desemboca en el mar Negro.",
    "ru": "Дунай протекает через десять стран и впадает в Чёрное море.",
    "zh": "多瑙河流经十个国家，最后注入黑海，是欧洲第二长的河流，沿岸有许多城市。",
    "ja": "ドナウ川は十か国を流れて黒海に注ぐ、ヨーロッパで二番目に長い川です。",
    "ar": "يجري نهر الدانوب عبر عشر دول ويصب في البحر الأسود.",
    "hi": "डेन्यूब नदी दस देशों से होकर बहती है और काला सागर में गिरती है।",
}


def nodes(*texts: str) -> pl.DataFrame:
    schema = {"node_id": pl.UInt64, "text": pl.String}
    return pl.DataFrame({"node_id": range(1, len(texts) + 1), "text": texts}, schema=schema)


def kept(judge: Language, *texts: str) -> list[bool]:
    return judge.judge(nodes(*texts))["kept"].to_list()


@pytest.mark.parametrize("code", SAID)
def test_a_language_is_told_from_the_others(code: str) -> None:
    assert kept(Language(accept=(code,)), *SAID.values()) == [other == code for other in SAID]


def test_the_reason_names_the_language_and_what_is_accepted_adds_up() -> None:
    verdicts = Language(accept=("en", "de")).judge(nodes(SAID["fr"], SAID["de"]))
    assert dict(verdicts.schema) == VERDICT
    assert verdicts["reason"].to_list() == [
        "most like `fr`; accepted languages come to 0.0, under 0.65",
        None,
    ]
    assert verdicts["score"][1] > 0.9
    unsure = nodes("Le chat dort.")
    one = Language(accept=("fr",), min_letters=1).judge(unsure)["score"].item()
    two = Language(accept=("fr", "de"), min_letters=1).judge(unsure)["score"].item()
    assert 0 < one < two <= 1


@pytest.mark.parametrize("text", ["", "42", "Yes.", "12 × 12 = 144", "👍👍👍", "x" * 19, "`|---|`" * 50])
def test_what_is_too_short_to_tell_has_no_score(text: str) -> None:
    assert Language(accept=("fi",)).judge(nodes(text)).row(0) == (1, True, None, None)


def test_numbers_and_signs_do_not_make_another_language() -> None:
    sums = (
        "<<48/2=24>>24 clips in May, and 48+24 = <<48+24=72>>72 clips altogether in April and May.\n#### 72"
    )
    assert kept(Language(accept=("en",)), sums) == [True]


def test_a_long_text_that_falls_into_another_language_is_noticed() -> None:
    long = SAID["en"] * 20
    assert kept(Language(accept=("en",)), long, long + SAID["zh"] * 10, SAID["de"] * 10 + long) == [
        True,
        False,
        False,
    ]


def test_other_thresholds_go_by_the_same_measures() -> None:
    measured = Language(accept=("en",)).measure(nodes(*SAID.values(), "42"))
    assert dict(measured.schema) == MEASURES
    assert (
        Language(accept=("de",), min_probability=0.9)
        .decide(measured)
        .equals(Language(accept=("de",), min_probability=0.9).judge(nodes(*SAID.values(), "42")))
    )
    metrics = {Language(accept=(code,), min_probability=0.5).metric for code in SAID}
    assert len(metrics) == 1
    assert Language(accept=("en",), min_letters=5).metric not in metrics


def test_a_code_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="`english` is none of the codes of languages"):
        Language(accept=("en", "english"))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(), max_size=5))
def test_any_text_has_one_verdict_and_known_languages(texts: list[str]) -> None:
    judge = Language(accept=("en",), min_letters=1)
    measured = judge.measure(nodes(*texts))
    assert measured["node_id"].to_list() == list(range(1, len(texts) + 1))
    said = measured["said"].drop_nulls().str.extract_all("[a-z]+").explode().to_list()
    assert set(filter(None, said)) <= CODES
    assert judge.decide(measured).height == len(texts)
