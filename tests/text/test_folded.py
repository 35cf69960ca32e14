"""Texts are folded alike, whichever way is taken."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tgc.text import folded

TELLING = st.text(st.sampled_from("aAß *-\n\t\r.,…’“—é\u0301\u00a0\u0085猫_/%#ﬁＡ＊Σ\x00\x1c'"), max_size=9)
TEXTS = st.lists(st.one_of(st.none(), TELLING, st.text(max_size=9)), max_size=20)


@given(TEXTS)
def test_the_way_of_ascii_leads_where_that_of_unicode_does(texts: list[str | None]) -> None:
    many = pl.Series(texts * (folded.FEW + 1), dtype=pl.String)
    assert folded.fold(many).to_list() == folded._fold_any(many).to_list()


@given(TEXTS, st.integers(1, 30))
def test_parts_hold_every_text_in_order(texts: list[str | None], size: int) -> None:
    parts = [part.to_list() for part in folded.parts(pl.Series(texts, dtype=pl.String), size)]
    assert [told for part in parts for told in part] == texts
    assert all(len("".join(told or "" for told in part[:-1]).encode()) < size for part in parts)
