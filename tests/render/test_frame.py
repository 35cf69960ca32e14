"""Frames as text."""

import json
from decimal import Decimal

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


def test_a_number_is_written_out_and_not_as_a_power_of_ten() -> None:
    rows = pl.DataFrame({"seconds": [43210.6, 999.96, 0.71428571, 1e15]})
    assert frame.table(rows).split() == ["seconds", "43211", "1000", "0.7143", "1e+15", "(4", "rows)"]


def test_lists_and_structs_are_json_in_a_table_too() -> None:
    rows = pl.DataFrame({"messages": [[{"role": "user", "kept": False, "content": 'A "b"\x9b?'}]]})
    assert frame.table(rows).splitlines()[1] == (
        r'[{"role": "user", "kept": false, "content": "A \"b\"\x9b?"}]'
    )


def test_blobs_are_hex_digits_in_a_table_too() -> None:
    assert frame.table(pl.DataFrame({"blob": [b"\x00\xff"]})).splitlines()[1] == "00ff"


def test_accents_of_their_own_take_no_column() -> None:
    rows = pl.DataFrame({"text": ["e\u0301le\u0300ve", "नमस्ते", "plain"], "n": [1, 2, 3]})
    assert frame.table(rows).splitlines()[1:4] == ["e\u0301le\u0300ve  1", "नमस्ते   2", "plain  3"]


def test_sums_are_numbers_in_json() -> None:
    schema = {
        "sum": pl.Decimal(38, 0),
        "price": pl.Decimal(9, 2),
        "sums": pl.List(pl.Decimal(38, 0)),
        "of": pl.Struct({"sum": pl.Decimal(38, 0)}),
    }
    big = 2**63 + 1
    rows = pl.DataFrame(
        [[Decimal(big), Decimal("1.50"), [Decimal(1)], {"sum": Decimal(2)}]], schema, orient="row"
    )
    assert json.loads(frame.as_json(rows)) == [{"sum": big, "price": 1.5, "sums": [1], "of": {"sum": 2}}]
