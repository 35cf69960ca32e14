"""Frames as text."""

import polars as pl

from tgc.render import frame


def test_what_a_model_wrote_moves_no_cursor() -> None:
    shown = frame.table(pl.DataFrame({"text": ["a\x1b[2Jb\nc\td", "\u202ex"]}))
    assert shown.splitlines() == ["text", r"a\x1b[2Jb c d", r"\u202ex", "(2 rows)"]


def test_texts_are_cut_to_fit_the_terminal_and_numbers_are_not() -> None:
    rows = pl.DataFrame(
        {
            "node_id": ["00c0ffee00c0ffee"] * 2,
            "seed": [4507571728368982564, 1],
            "short": ["a word", "two words"],
            "long": ["as long as it takes " * 10, "猫" * 99],
        }
    )
    assert frame.table(rows, 72).splitlines() == [
        "node_id                          seed  short      long",
        "00c0ffee00c0ffee  4507571728368982564  a word     as long as it takes a…",
        "00c0ffee00c0ffee                    1  two words  猫猫猫猫猫猫猫猫猫猫…",
        "(2 rows)",
    ]


def test_a_terminal_that_is_too_narrow_keeps_ids_whole() -> None:
    rows = pl.DataFrame({"node_id": ["00c0ffee00c0ffee"], "text": ["as long as it takes"]})
    assert frame.table(rows, 20).splitlines()[1] == "00c0ffee00c0ffee  as long as it t…"
