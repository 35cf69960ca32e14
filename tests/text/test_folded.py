"""Texts are folded alike, whichever way is taken."""

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tgc.text import folded

TELLING = st.text(
    st.sampled_from("aAß *-\n\t\r.,…’“—é\u0301\u00a0\u0085猫_/%#ﬁＡ＊Σς\x00\x1c'`–−½\u200b\u00ad\ufe0f"),
    max_size=9,
)
TEXTS = st.lists(st.one_of(st.none(), TELLING, st.text(max_size=9)), max_size=20)


@given(TEXTS)
def test_the_way_of_ascii_leads_where_that_of_unicode_does(texts: list[str | None]) -> None:
    many = pl.Series(texts * (folded.FEW + 1), dtype=pl.String)
    assert folded.fold(many).to_list() == folded._fold_any(many).to_list()


@pytest.mark.parametrize("copies", [1, folded.FEW + 1])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße ΟΔΟΣ", "STRASSE οδοσ"),
        ("ﬁne ｗｉｄｅ cafe\u0301 𝐛𝐨𝐥𝐝", "fine wide café bold"),
        ("soft\u00adened zero\u200bwidth \u2060no\u200dne\u200f", "\ufeffsoftened zerowidth none"),
        ("I ❤\ufe0f ☎", "i ❤ ☎\ufe0f"),
        ("now - or -- never – so —", "now, or “never” so"),
        ("- one\r\n- two", "• one\n• two"),
        ("a well‑known range of 1990–2000, −5", "A well-known range of 1990-2000: -5"),
        ("½ of `it`", "1/2 of 'it'"),
        ("你好，世界！", "你好 世界"),
        ("สวัสดี ครับ", "สวัสดีครับ"),
        ("? !\n", "?\t!"),
    ],
)
def test_these_are_written_in_two_ways(one: str, other: str, copies: int) -> None:
    first, second = (folded.fold(pl.Series([text] * copies)).to_list() for text in (one, other))
    assert first == second


@pytest.mark.parametrize("copies", [1, folded.FEW + 1])
def test_signs_tell_sums_apart(copies: int) -> None:
    told = ["2*3", "2/3", "2-3", "2 -3", "23", "2.3", "C#", "C", "20%", "20", "$5", "x+1"]
    assert folded.fold(pl.Series(told * copies)).n_unique() == len(told)


@given(TEXTS)
@example(["ß\u0301", "e\u200d\u0301", "J\u030c", "-猫"])
def test_what_is_folded_stays_as_it_is(texts: list[str | None]) -> None:
    once = folded.fold(pl.Series(texts, dtype=pl.String))
    assert folded.fold(once).to_list() == once.to_list()


@given(TEXTS, st.integers(1, 30))
def test_parts_hold_every_text_in_order(texts: list[str | None], size: int) -> None:
    parts = [part.to_list() for part in folded.parts(pl.Series(texts, dtype=pl.String), size)]
    assert [told for part in parts for told in part] == texts
    assert all(len("".join(told or "" for told in part[:-1]).encode()) < size for part in parts)
