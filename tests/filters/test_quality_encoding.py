"""Damage by encodings is found; what any language writes is not taken for it."""

import pytest

from tests.filters.judging import reasons
from tgc.filters.encoding import Encoding

SOUND = [
    "naïve café, Ørsted’s “Ð”, Þetta er íslenska: ð",
    "SÃO PAULO — ‘NÃO’ «MAÇÃ», PÅ… Ä…",
    "„Straß“ – groß“ Ünïcödé £5 ©2020 ® crème brûlée™",
    "русский текст: РСФСР, СССР — «Рёбра», В «Г»…",
    "Ω = 5 µm ± 3°, x = √2 ± 3, 2x√y, r√π",
    "la lettre « Â », «Â»",
    "la lettre «\xa0Â\xa0»",
    "канал «TВ», «PГ»",
    "日本語です。「猫」とé・ü",
    "tiếng Việt: à, â, ã — ‘đẹp’",
    "ΟΝΟΜΑ, Ελλάδα· İSTANBUL, Łódź, ČR, Ő",
    "مرحبا बहुत שלום 한국어 ไทย 😀👩‍👩‍👧",
    "tab\tand\r\nlines",
]


@pytest.mark.parametrize("text", SOUND)
def test_sound_texts_of_any_language_are_kept(text: str) -> None:
    assert reasons(Encoding(), text) == [None]


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        *(
            (text, "cp1252")
            for text in ("café", "don’t", "100 €", "Łódź", "São", "Привет", "Ελλάδα", "日本語", "😀")
        ),
        *((text, "latin-1") for text in ("café", "don’t", "Привет", "日本語", "مرحبا", "So…")),
        *((text, "cp1251") for text in ("café", "don’t", "Привет", "naïve", "100 €", "Straße")),
        *((text, "mac_roman") for text in ("café", "don’t", "naïve", "“Hi”", "100 €")),
    ],
)
def test_text_that_was_read_as_another_encoding_is_rejected(text: str, codec: str) -> None:
    (reason,) = reasons(Encoding(), "So: " + text.encode().decode(codec, errors="replace"))
    assert reason is not None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("lost \ufffd\ufffd", "2 characters lost (U+FFFD)"),
        ("don\u00e2\u20ac\u2122t", "1 place where UTF-8 was misread"),
        ("bell\x07", "1 control character"),
        ("Microsoft\x85", "1 control character"),
        ("apple \uf8ff", "1 character for private use, or of none"),
        ("no \ufffe", "1 character for private use, or of none"),
        ("A" * 1001, "1001 characters without a space, over 1000"),
    ],
)
def test_damage_is_named_and_counted(text: str, reason: str) -> None:
    assert reasons(Encoding(), text) == [reason]


def test_all_kinds_of_damage_are_told() -> None:
    verdicts = reasons(Encoding(max_run=3), "\ufffd\x00data")
    assert verdicts == [
        "1 character lost (U+FFFD); 1 control character; 4 characters without a space, over 3"
    ]


def test_scripts_without_spaces_have_no_runs() -> None:
    assert reasons(Encoding(max_run=10), "猫" * 100) == [None]
    assert reasons(Encoding(max_run=None), "A" * 5000) == [None]


def test_the_longest_run_that_can_be_allowed_is_counted() -> None:
    assert reasons(Encoding(max_run=10_000), "A" * 10_000, "A" * 10_001) == [
        None,
        "10001 characters without a space, over 10000",
    ]
