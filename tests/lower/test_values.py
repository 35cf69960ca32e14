import csv
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgc import ir, source
from tgc.errors import Diagnostic, RecipeError, Span
from tgc.lower import rows, values

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


def test_an_item_of_json_is_blamed_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[\n  "law",\n  {"name": "art"}, null,\n\t"law" ]\n')
    with pytest.raises(RecipeError) as caught:
        values.load(tmp_path / "a.json", "a.json")
    null, again = caught.value.diagnostics
    assert null.span == Span("a.json", 3, 20, 4, '  {"name": "art"}, null,')
    assert again.span == Span("a.json", 4, 2, 5, '\t"law" ]')
    assert again.hint == "first given on line 2, column 3"


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("", "not JSON: expecting value", (1, 1)),
        ('{"a": 1,}', "not JSON: expecting property name enclosed in double quotes", (1, 9)),
        (' {"a": 1}', "a list of values should stand here", (1, 2)),
        ("[1\n 2]", "not JSON: expecting `,` or `]`", (2, 2)),
        ("[1,\n", "not JSON: expecting value", (2, 1)),
        ("[1]\n]", "not JSON: extra data", (2, 1)),
        ("[1,\n " + "[" * 100_000, "nested too deeply", (2, 2)),
        ("[1,\n " + "1" * 5_000 + "]", "a number with too many digits", (2, 2)),
    ],
)
def test_broken_json_is_blamed_where_it_breaks(
    text: str, message: str, place: tuple[int, int], tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(text)
    problem = _problem(tmp_path / "a.json")
    assert problem.span
    assert (problem.message, (problem.span.line, problem.span.column)) == (message, place)


def test_a_file_in_one_long_line_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([*range(1_000), None]))
    assert _problem(tmp_path / "a.json").span == Span("a.json", 1, 4892, 4, "")


@pytest.mark.parametrize("text", ["name,level,\nphysics,school,\n,,\n", " name , level\nphysics,school\n \n"])
def test_what_a_spreadsheet_adds_is_no_data(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    assert values.load(tmp_path / "a.csv", "a.csv") == TABLE[:1]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("Topics,,Groups\nname,level,group\na,b,c\n", "column 2 has no name", 1),
        ("Topics,,\nname,level,group\na,b,c\n", "`level` stands in a column without a name", 2),
        ("Topics,Topics\nname,level\n", "two columns are called `Topics`", 1),
    ],
)
def test_a_second_row_of_names_is_not_taken_for_data(
    text: str, message: str, line: int, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(text)
    problem = _problem(tmp_path / "a.csv")
    assert problem.span
    assert (problem.message, problem.span.line) == (message, line)
    assert "remove what stands above it" in (problem.hint or "")


def _as_table(fields: list[dict[str, str]], path: Path, delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["name", "note"], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(fields)


WRITERS: dict[str, Callable[[list[dict[str, str]], Path], object]] = {
    "a.csv": lambda fields, path: _as_table(fields, path, ","),
    "a.tsv": lambda fields, path: _as_table(fields, path, "\t"),
    "a.json": lambda fields, path: path.write_text(json.dumps(fields, indent=1)),
    "a.jsonl": lambda fields, path: path.write_text("".join(json.dumps(row) + "\n" for row in fields)),
    "a.parquet": lambda fields, path: pl.DataFrame(fields).write_parquet(path),
}

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ANY_FIELDS = st.lists(
    st.fixed_dictionaries({"name": ANY_TEXT.filter(str.strip), "note": ANY_TEXT}),
    min_size=1,
    unique_by=json.dumps,
)


@pytest.mark.parametrize("name", WRITERS)
@given(ANY_FIELDS)
def test_values_survive_every_format(name: str, fields: list[dict[str, str]]) -> None:
    with TemporaryDirectory() as folder:
        WRITERS[name](fields, Path(folder, name))
        found = values.load(Path(folder, name), name)
    assert [json.loads(value.data or "") for value in found] == fields
    assert [value.text for value in found] == [row["name"].strip() for row in fields]


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
)


@given(st.lists(ANY_JSON), st.sampled_from([None, 0, 3]))
def test_json_is_read_as_python_reads_it_and_each_item_is_found(items: list[object], indent: int) -> None:
    text = json.dumps(items, indent=indent)
    with TemporaryDirectory() as folder:
        Path(folder, "a.json").write_text(text)
        found = list(rows.read(Path(folder, "a.json"), "a.json"))
    assert [row.datum for row in found] == items
    for row in found:
        place = row.place()
        written = text.split("\n")[place.line - 1][place.column - 1 :]
        assert written.startswith(json.dumps(row.datum, indent=indent).split("\n")[0])


@pytest.mark.parametrize(
    ("listed", "fields"),
    [
        ("[a, b]", None),
        ("[{name: a, era: x}, {name: b, era: y, land: z}]", {"name", "era"}),
        ("[{name: a, era: x}, b]", set()),
    ],
)
def test_fields_are_common_when_every_value_has_them(listed: str, fields: set[str] | None) -> None:
    assert values.common_fields(values.inline(source.parse(listed, "x.yaml"))) == fields


HERE = Span("r.yaml", 4, 10, 8, "  topic: {values: {sql: select}}")


def test_a_query_gives_values_in_an_order_of_their_own() -> None:
    answer: list[dict[str, object]] = [{"text": "b", "n": 1}, {"text": "a", "n": None}, {"text": "b", "n": 0}]
    found = values.answered(answer, HERE)
    assert [value.data for value in found] == [
        '{"n": 0, "text": "b"}',
        '{"n": 1, "text": "b"}',
        '{"n": null, "text": "a"}',
    ]
    assert values.answered(reversed(answer), HERE) == found


def test_one_column_of_a_query_gives_texts() -> None:
    answer: list[dict[str, object]] = [
        {"level": cell} for cell in ("b", 7, Decimal("1.50"), date(2024, 2, 29))
    ]
    assert [value.text for value in values.answered(answer, HERE)] == ["1.50", "2024-02-29", "7", "b"]


def test_cells_of_a_query_become_plain() -> None:
    fields = {"text": "a", "day": date(2024, 2, 29), "list": [Decimal(1)], "pair": {"a": None}}
    (value,) = values.answered([fields], HERE)
    assert json.loads(value.data or "") == {
        "text": "a",
        "day": "2024-02-29",
        "list": ["1"],
        "pair": {"a": None},
    }


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        ([], "empty-values", "the query gives no rows"),
        ([{"a": "x"}, {"a": "y"}, {"a": "x"}], "duplicate-value", "the query gives the value `x` twice"),
        ([{"a": None}], "bad-value", "the query gives `null`, which is not a value"),
        (
            [{"a": "x", "b": float("nan")}],
            "bad-value",
            'the query gives `{"a": "x", "b": NaN}`, which is not a value',
        ),
    ],
)
def test_a_query_without_sound_values_is_blamed_where_it_stands(
    answer: list[dict[str, object]], code: str, message: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        values.answered(answer, HERE)
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.message, problem.span) == (code, message, HERE)


def _problem(path: Path) -> Diagnostic:
    with pytest.raises(RecipeError) as caught:
        values.load(path, path.name)
    (problem,) = caught.value.diagnostics
    return problem
