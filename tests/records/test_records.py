"""Files are read record by record, wherever the reader's window ends, and say where they are broken."""

import gzip
import json
import random
from contextlib import suppress
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


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('[{"a" 1},\n2]', 1, 7),
        ('[1,\n {"a": 1\n  "b": 2}]', 3, 3),
        ('[1, 2,, 3]', 1, 7),
        ('[1, 2,\n  3 4]', 2, 5),
        ('[1]\n \0', 2, 2),
    ],
)  # fmt: skip
@pytest.mark.parametrize("chunk", [2, 1 << 22])
def test_a_broken_array_says_in_which_column(
    text: str, line: int, column: int, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array, "CHUNK", chunk)
    with pytest.raises(BrokenFileError) as caught:
        data(put(tmp_path / "a.json", text))
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_bad_line_says_in_which_column(tmp_path: Path) -> None:
    good, bad = records.read(put(tmp_path / "a.jsonl", '{"a": 1}\r\n{"a": 1,}\r\n'))
    assert (good.column, bad.line, bad.column) == (1, 2, 9)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_key_that_stands_twice_is_told_for_a_value_would_be_lost(name: str, tmp_path: Path) -> None:
    items = ['{"a": [{"b": 1, "b": 2}]}', '{"a": [{"b": 1}, {"b": 2}]}']
    text = f"[{','.join(items)}]" if name == "a.json" else "\n".join(items)
    twice, once = records.read(put(tmp_path / name, text))
    assert twice.flaw == "a key stands twice: `b`"
    assert once.datum == {"a": [{"b": 1}, {"b": 2}]}


@pytest.mark.parametrize("chunk", [1, 7])
def test_a_key_that_stands_twice_is_told_wherever_the_window_ends(
    chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(array, "CHUNK", chunk)
    found = list(records.read(put(tmp_path / "a.json", '[{"c": {"b": 1, "b": 2}, "d": [3]}, 4]')))
    assert [(record.datum, record.flaw) for record in found] == [(None, "a key stands twice: `b`"), (4, None)]


@pytest.mark.parametrize(("name", "text"), [("a.json.gz", "[1,\n 2]"), ("a.jsonl.gz", "1\n2\n")])
def test_a_packed_file_is_read_as_what_is_in_it(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    assert data(tmp_path / name) == [1, 2]


@pytest.mark.parametrize("name", ["a.json.gz", "a.jsonl.gz"])
def test_a_packed_file_that_is_cut_off_is_broken(name: str, tmp_path: Path) -> None:
    packed = gzip.compress(random.Random(7).randbytes(9_999).hex().encode())
    for bad in (packed[:99], b"so", b""):
        (tmp_path / name).write_bytes(bad)
        if bad or name == "a.json.gz":
            with pytest.raises(BrokenFileError):
                data(tmp_path / name)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("[1]".encode("utf-16"), "not UTF-8 text, but UTF-16"),
        (gzip.compress(b"[1]", mtime=0), "not UTF-8 text, but packed by gzip"),
        (b'["\xe9"]', "not UTF-8 text"),
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_another_encoding_is_told(name: str, written: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(written)
    if name == "a.jsonl":
        assert next(records.read(tmp_path / name)).flaw == message
    else:
        with pytest.raises(BrokenFileError) as caught:
            data(tmp_path / name)
        assert str(caught.value) == message


def test_a_table_is_read_in_parts_for_which_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tgc.records.table.ROOM", 1)
    rows = [{"id": 1}, {"id": 2}, {"id": 3}]
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    assert data(tmp_path / "a.parquet") == rows


def test_a_table_that_is_broken_within_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tgc.records.table.SLICE", 10)
    path = tmp_path / "a.parquet"
    texts = [random.Random(place).randbytes(500).hex() for place in range(30)]
    pl.DataFrame({"text": texts}).write_parquet(path, row_group_size=10)
    written = bytearray(path.read_bytes())
    middle = len(written) // 2
    written[middle - 999 : middle + 999] = b"\0" * 1_998
    path.write_bytes(written)
    found = records.read(path)
    assert [next(found).line for _ in range(10)][-1] == 10
    with pytest.raises(BrokenFileError) as caught:
        next(found)
    assert (str(caught.value), caught.value.line) == ("the file is broken within 10 rows from here", 11)


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_a_damaged_table_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, drawn: st.DataObject
) -> None:
    suffix = drawn.draw(st.sampled_from([".parquet", ".arrow"]))
    path = tmp_path_factory.mktemp("table") / f"a{suffix}"
    frame = pl.DataFrame({"id": range(20), "turns": [[{"role": "user", "content": "So?"}]] * 20})
    if suffix == ".parquet":
        frame.write_parquet(path)
    else:
        frame.write_ipc(path)
    written = bytearray(path.read_bytes())
    for _ in range(drawn.draw(st.integers(1, 9))):
        written[drawn.draw(st.integers(0, len(written) - 1))] = drawn.draw(st.integers(0, 255))
    path.write_bytes(written[: drawn.draw(st.integers(0, len(written)))])
    read: list[object] = []
    with suppress(BrokenFileError):
        read.extend(record.datum for record in records.read(path))
    assert len(read) <= 20
