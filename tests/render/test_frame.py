"""Frames as text."""

import polars as pl

from tgc.render import frame


def test_what_a_model_wrote_moves_no_cursor() -> None:
    shown = frame.table(pl.DataFrame({"text": ["a\x1b[2Jb\nc\td", "\u202ex"]}))
    assert shown.splitlines() == ["text", r"a\x1b[2Jb c d", r"\u202ex", "(2 rows)"]
