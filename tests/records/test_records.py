"""Files are read record by record, wherever the reader's window ends, and say where they are broken."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc import records
from tgc.records import BrokenFileError, array

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def put(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def data(path: Path) -> list[object]:
    return [record.datum for record in records.read(path)]


@given(st.lists(VALUES, max_size=5), st.integers(1, 9), st.sampled_from([None, 1]), st.booleans())
@settings(deadline=None, max_examples=200)
def test_an_array_is_read_as_json_reads_it_wherever_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory,
    items: list[object],
    chunk: int,
    indent: int | None,
    escaped: bool,
) -> None:
    path = put(
        tmp_path_factory.mktemp("array") / "a.json", json.dumps(items, indent=indent, ensure_ascii=escaped)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(array, "CHUNK", chunk)
        assert data(path) == items


def test_items_know_the_lines_they_begin_on(tmp_path: Path) -> None:
    path = put(tmp_path / "a.json", '\ufeff[\n  {"a":\n 1}, {"b": 2},\n\n  3]\n')
    assert [(record.line, record.datum) for record in records.read(path)] == [
        (2, {"a": 1}),
        (3, {"b": 2}),
        (5, 3),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{"a": 1}', 1, "a list of records should stand here"),
        ("", 1, "a list of records should stand here"),
        ("[1,\n2", 2, "not JSON: expecting `,` or `]`"),
        ("[1\n2]", 2, "not JSON: expecting `,` or `]`"),
        ("[1,\n]", 2, "not JSON: expecting value"),
        ('[1,\n"so]', 2, "not JSON: unterminated string starting at"),
        ('[{"a" 1},\n2]', 1, "not JSON: expecting `:` delimiter"),
        ("[1]\n[2]", 2, "not JSON: extra data"),
        ("[" * 100_000, 1, "nested too deeply"),
        ("[" + "9" * 5000 + "]", 1, "a number with too many digits"),
    ],
)
def test_a_broken_array_says_where(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(BrokenFileError) as caught:
        data(put(tmp_path / "a.json", text))
    assert (str(caught.value), caught.value.line) == (message, line)


def test_what_comes_before_a_break_is_read(tmp_path: Path) -> None:
    found = records.read(put(tmp_path / "a.json", "[1, 2, x]"))
    assert [next(found).datum, next(found).datum] == [1, 2]


def test_an_array_of_other_bytes_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'["caf\xe9"]')
    with pytest.raises(BrokenFileError, match="not UTF-8 text"):
        data(path)


def test_a_record_has_a_longest_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array, "CHUNK", 8)
    monkeypatch.setattr(array, "LONGEST", 20)
    with pytest.raises(BrokenFileError, match="more than 20 characters"):
        data(put(tmp_path / "a.json", json.dumps(["x" * 99])))


def test_a_bad_line_is_a_record_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\n\nso\n"\xff"\n[2]')
    assert [(record.line, record.datum, record.flaw) for record in records.read(path)] == [
        (1, {"a": 1}, None),
        (3, None, "not JSON: expecting value"),
        (4, None, "not UTF-8 text"),
        (5, [2], None),
    ]


def test_rows_of_a_table_are_mappings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tgc.records.table.SLICE", 2)
    rows = [{"id": 1, "turns": [{"role": "user"}]}, {"id": 2, "turns": None}, {"id": 3, "turns": []}]
    pl.DataFrame(rows).write_parquet(tmp_path / "a[1].parquet")
    found = list(records.read(tmp_path / "a[1].parquet"))
    assert [record.datum for record in found] == rows
    assert [record.line for record in found] == [1, 2, 3]


def test_another_file_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(BrokenFileError, match="not a Parquet file"):
        data(put(tmp_path / "a.parquet", "so"))
