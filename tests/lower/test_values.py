import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tgc import ir, source
from tgc.errors import Diagnostic, RecipeError, Span
from tgc.lower import values

TABLE = (
    ir.Value("physics", '{"level": "school", "name": "physics"}'),
    ir.Value("law", '{"level": "first, year", "name": "law"}'),
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", 'name,level\nphysics,school\nlaw,"first, year"\n'),
        ("a.tsv", "level\tname\nschool\tphysics\n\nfirst, year\tlaw"),
        ("a.json", '[{"name": "physics", "level": "school"},\n\t{"level": "first, year", "name": "law"}]'),
        ("a.jsonl", '{"name": "physics", "level": "school"}\n\n{"name": "law", "level": "first, year"}\n'),
        ("a.yaml", '- {name: physics, level: school}\n- {name: law, level: "first, year"}\n'),
    ],
)
def test_every_format_says_the_same(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert values.load(tmp_path / name, name) == TABLE


def test_parquet_is_read(tmp_path: Path) -> None:
    pl.DataFrame({"name": ["physics", "law"]}).write_parquet(tmp_path / "a.parquet")
    assert values.load(tmp_path / "a.parquet", "a.parquet") == (ir.Value("physics"), ir.Value("law"))


def test_one_column_gives_texts_and_cells_stay_as_written(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code\n007\n1.0\n")
    assert values.load(tmp_path / "a.csv", "a.csv") == (ir.Value("007"), ir.Value("1.0"))


def test_lines_are_stripped_and_empty_ones_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\ufeff physics \r\n\r\nlaw")
    assert values.load(tmp_path / "a.txt", "a.txt") == (ir.Value("physics"), ir.Value("law"))


def test_a_cell_keeps_its_line_breaks(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'text,note\r\n"one\r\n\ntwo","a\nb"\r\nthree,c\r\n')
    found = values.load(tmp_path / "a.csv", "a.csv")
    assert [value.text for value in found] == ["one\r\n\ntwo", "three"]
    assert found[0].data == r'{"note": "a\nb", "text": "one\r\n\ntwo"}'


def test_a_row_of_many_lines_is_blamed_at_its_first(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('a,b\n"1\n2",3\n\n"4\n5"\n')
    assert _problem(tmp_path / "a.csv").span == Span("a.csv", 5, 1, 2, '"4')


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "a\u2028b\r\nc\x85d\n"),
        ("a.jsonl", '"a\u2028b"\r\n"c\x85d"'),
        ("a.csv", "x\na\u2028b\nc\x85d\n"),
    ],
)
def test_only_line_feeds_end_lines(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    assert values.load(tmp_path / name, name) == (ir.Value("a\u2028b"), ir.Value("c\x85d"))


def test_dates_and_decimals_of_parquet_are_text(tmp_path: Path) -> None:
    fields = {
        "name": "x",
        "day": date(2024, 2, 29),
        "at": [datetime(2024, 2, 29, 12, 30)],  # noqa: DTZ001 - as tables hold it
        "price": {"eur": Decimal("1.50")},
    }
    pl.DataFrame([fields]).write_parquet(tmp_path / "a.parquet")
    (value,) = values.load(tmp_path / "a.parquet", "a.parquet")
    assert json.loads(value.data or "") == {
        "name": "x",
        "day": "2024-02-29",
        "at": ["2024-02-29T12:30:00"],
        "price": {"eur": "1.50"},
    }


@pytest.mark.parametrize("kind", [pl.Date(), pl.Datetime()])
def test_a_year_after_9999_is_no_value(kind: pl.DataType, tmp_path: Path) -> None:
    far = pl.Series([2**31 - 1 if kind == pl.Date else 2**62])
    frame = pl.DataFrame(
        {"name": ["x"], "far": far.cast(pl.Int32 if kind == pl.Date else pl.Int64).cast(kind)}
    )
    frame.write_parquet(tmp_path / "a.parquet")
    assert _problem(tmp_path / "a.parquet").code == "bad-value"


@pytest.mark.parametrize("odd", [b"raw", timedelta(days=1), float("nan"), float("inf")])
def test_what_json_cannot_hold_is_no_value(odd: object, tmp_path: Path) -> None:
    pl.DataFrame({"name": ["x"], "odd": [odd]}).write_parquet(tmp_path / "a.parquet")
    assert _problem(tmp_path / "a.parquet").code == "bad-value"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", r'["a\ud800"]'),
        ("a.json", r'[{"name": "a", "b": ["\udfff"]}]'),
        ("a.jsonl", r'{"name": "a", "\ud800": 1}'),
        ("a.jsonl", "9" * 5_000),
        ("a.jsonl", "[" * 100_000),
        ("a.jsonl", '{"name": "a", "b": NaN}'),
    ],
)
def test_what_is_no_text_is_a_diagnostic_that_can_be_shown(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    problem = _problem(tmp_path / name)
    assert problem.code in {"bad-data", "bad-value"}
    assert f"{problem}".isprintable()


@pytest.mark.parametrize(
    ("fields", "text"),
    [("{text: a, name: b}", "a"), ("{id: 7, name: b}", "b"), ("{city: Rome, land: Italy}", "Rome")],
)
def test_the_text_of_a_mapping(fields: str, text: str) -> None:
    document = source.parse(f"[{fields}]", "x.yaml")
    assert values.inline(document)[0].text == text


def test_the_order_of_fields_counts_only_where_it_decides_the_text() -> None:
    named = source.parse("[{name: a, id: 1}, {id: 1, name: a}]", "x.yaml")
    with pytest.raises(RecipeError, match="given twice"):
        values.inline(named)
    unnamed = source.parse("[{city: a, land: b}, {land: b, city: a}]", "x.yaml")
    assert [value.text for value in values.inline(unnamed)] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("a.csv", b"a,b\n1,2\n3\n", 3),
        ("a.csv", b'a,b\n1,"2\n', 2),
        ("a.csv", b"a,b,a\n1,2,3\n", 1),
        ("a.tsv", b"a\ta\n", 1),
        ("a.json", b'[\n"a",\n]', 3),
        ("a.jsonl", b'"a"\n"b\n', 2),
        ("a.yaml", b"- a\n- [b\n", 2),
        ("a.txt", b"a\nb\xff\n", 2),
        ("a.jsonl", b'"a"\n"b"\nnull\n', 3),
        ("a.txt", b"a\nb\na\n", 3),
        ("a.parquet", b"not parquet", 1),
    ],
)
def test_a_malformed_file_is_blamed_at_its_own_line(
    name: str, data: bytes, line: int, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    problem = _problem(tmp_path / name)
    assert problem.span
    assert (problem.span.path, problem.span.line) == (name, line)


def _problem(path: Path) -> Diagnostic:
    with pytest.raises(RecipeError) as caught:
        values.load(path, path.name)
    (problem,) = caught.value.diagnostics
    return problem
