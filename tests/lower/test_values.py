from pathlib import Path

import polars as pl
import pytest

from tgc import ir, source
from tgc.errors import RecipeError
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
    with pytest.raises(RecipeError) as caught:
        values.load(tmp_path / name, name)
    (problem,) = caught.value.diagnostics
    assert problem.span
    assert (problem.span.path, problem.span.line) == (name, line)
