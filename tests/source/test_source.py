import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgc import source
from tgc.errors import RecipeError, Span

WORDS = st.text(alphabet="abcdefgh é中", min_size=1, max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2024-01-01", "2024-01-01"),
        ("12:30:45", "12:30:45"),
        ("0o17", 15),
        ("017", 17),
        ("0xff", 255),
        ("100_000", 100_000),
        ("12_34", "12_34"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", float("-inf")),
        ("~", None),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    assert source.parse(f"key: {text}", "x.yaml").value == {"key": value}


def test_keys_are_text() -> None:
    assert source.parse("{1: a, true: b, no: c}", "x.yaml").value == {"1": "a", "true": "b", "no": "c"}


@given(VALUES)
def test_json_means_the_same(value: object) -> None:
    assert source.parse(json.dumps(value, ensure_ascii=False), "x.yaml").value == value


@given(st.dictionaries(WORDS, st.lists(WORDS, min_size=1), min_size=1))
def test_spans_point_at_the_text(value: dict[str, list[str]]) -> None:
    document = source.parse(json.dumps(value, ensure_ascii=False, indent=1), "x.yaml")
    for key, items in value.items():
        assert _quoted(document.key(key)) == key
        for index, item in enumerate(items):
            assert _quoted(document.at(key, index)) == item


def test_a_place_that_is_not_there_is_its_nearest_ancestor() -> None:
    document = source.parse("tree:\n  topic: {values: [a, b]}", "x.yaml")
    assert document.at("tree", "topic", "values", 7, "name") == document.at("tree", "topic", "values")
    assert document.key("tree", "topic", "branch") == document.key("tree", "topic")


def test_columns_count_characters_whatever_the_line_breaks_and_marks() -> None:
    document = source.parse("\ufeffa: é\r\nb: 中文 \r\nc: {d: x}\r\n", "x.yaml")
    spans = [document.at("b"), document.at("c", "d")]
    assert [(span.line, span.column, span.length) for span in spans] == [(2, 4, 2), (3, 8, 1)]


def test_a_place_without_a_value_is_its_key() -> None:
    assert source.parse("a:\nb: 1", "x.yaml").at("a").column == 1


@given(st.permutations(["name: x", "seed: 1 # why", "tree:\n  topic:\n    values: [a]"]))
def test_the_canonical_text_ignores_order_and_comments(lines: list[str]) -> None:
    text = '{"name":"x","seed":1,"tree":{"topic":{"values":["a"]}}}'
    assert source.parse("# a comment\n" + "\n\n".join(lines), "x.yaml").canonical() == text


@given(st.sets(st.integers(min_value=0, max_value=4)))
def test_what_is_left_of_a_list_keeps_its_places(gone: set[int]) -> None:
    document = source.parse("items: [a, b, c, d, e]", "x.yaml")
    less = document.without(("items", index) for index in gone)
    left = [letter for index, letter in enumerate("abcde") if index not in gone]
    assert less.get("items") == left
    assert [_quoted(less.at("items", index)) for index in range(len(left))] == left


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-file"),
        ("# only a comment\n", "empty-file"),
        ("a: [1", "yaml-syntax"),
        ("a: 1\n---\nb: 2", "yaml-syntax"),
        ("a: *nothing", "yaml-syntax"),
        ("a: &a [*a]", "yaml-syntax"),
        ("[" * 10_000, "yaml-syntax"),
        ('a: "\\ud800"', "yaml-syntax"),
        ("a: \x00", "yaml-syntax"),
        ("a: !!binary aGk=", "unknown-tag"),
        ("a: !!int x", "unknown-tag"),
        ("a: !thing {}", "unknown-tag"),
        ("{a: 1, a: 2}", "duplicate-key"),
        ("? [a]\n: 1", "wrong-type"),
        (f"a: {'9' * 5_000}", "wrong-type"),
    ],
)
def test_what_is_not_plain_yaml_is_refused(text: str, code: str) -> None:
    with pytest.raises(RecipeError) as caught:
        source.parse(text, "x.yaml")
    assert [problem.code for problem in caught.value.diagnostics] == [code]


def test_aliases_repeat_values_but_do_not_blow_up() -> None:
    assert source.parse("a: &a [1]\nb: *a", "x.yaml").value == {"a": [1], "b": [1]}
    bomb = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 10)}]" for n in range(9))
    with pytest.raises(RecipeError, match="too many values"):
        source.parse(bomb, "x.yaml")


def _quoted(span: Span) -> str:
    return span.text[span.column - 1 : span.column - 1 + span.length].strip('"')


def test_what_is_given_twice_or_cannot_be_read_does_not_hide_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: {b: 1, c: [1, 2]}\nd: !x 5\na: {c: [3], e: 2}\nf: [!y 1, 2]\n")
    document = source.assemble(path, "x.yaml", tmp_path)
    assert document.value == {"a": {"b": 1, "c": [3], "e": 2}, "d": None, "f": [None, 2]}
    assert [problem.code for problem in document.problems] == ["unknown-tag", "duplicate-key", "unknown-tag"]
    assert document.void == {("d",), ("f", 0)}
    assert not document.has("a", "c", 1)
    assert document.without(document.void).value == {"a": {"b": 1, "c": [3], "e": 2}, "f": [2]}


def test_an_included_file_tells_of_its_problems_too(tmp_path: Path) -> None:
    (tmp_path / "below.yaml").write_text("a: 1\na: 2\nb: !x 1\n")
    (tmp_path / "x.yaml").write_text("include: below.yaml\nb: 3\nc: !y 1\n")
    document = source.assemble(tmp_path / "x.yaml", "x.yaml", tmp_path)
    assert [problem.span and problem.span.path for problem in document.problems] == ["below.yaml"] * 2 + [
        "x.yaml"
    ]
    assert document.void == {("c",)}
