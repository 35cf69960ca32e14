"""Recipes say what shape an answer has, and an answer is read by it."""

import json
from string import ascii_letters, digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.echo import said
from tgc import schema
from tgc.schema import (
    Answer,
    Choice,
    Field,
    Fields,
    Items,
    Line,
    Problem,
    Range,
    Scalar,
    Shape,
    Text,
    Weighed,
)

LARGEST = 2**53 - 1
QUIZ = Fields((("question", Scalar("str")), ("difficulty", Choice(("easy", "hard"))), ("age", Range(3, 99))))

words = st.text(
    st.characters(exclude_characters="|\x7f", exclude_categories=["Cs"], min_codepoint=32), min_size=1
).map(lambda text: " ".join(text.split()))
options = st.lists(words.filter(bool), min_size=2, max_size=5, unique=True).map(tuple)
choices = options.map(Choice)
ranges = st.tuples(st.integers(-LARGEST, LARGEST), st.integers(-LARGEST, LARGEST)).filter(
    lambda ends: ends[0] < ends[1]
)
scalars = st.sampled_from([Scalar("str"), Scalar("int"), Scalar("number"), Scalar("bool")])
parts: st.SearchStrategy[Field] = st.one_of(scalars, choices, ranges.map(lambda ends: Range(*ends)))
scales = choices | st.tuples(st.integers(-99, 99), st.integers(1, 99)).map(
    lambda ends: Range(ends[0], ends[0] + ends[1])
)
names = st.text(ascii_letters + "_", min_size=1, max_size=3).filter(lambda name: name != "list")
records = st.dictionaries(names, parts, min_size=1, max_size=4).map(
    lambda found: Fields(tuple(found.items()))
)
singles = st.one_of(st.just(Line()), choices, records)
shapes: st.SearchStrategy[Shape] = st.one_of(
    st.just(Text()),
    singles.filter(lambda shape: shape != Line()),
    ranges.map(lambda ends: Range(*ends)),
    singles.map(Items),
    scales.map(Weighed),
)


def data(part: Field) -> st.SearchStrategy[object]:
    match part:
        case Choice(offered):
            return st.sampled_from(offered)
        case Range(low, high):
            return st.integers(low, high)
        case Scalar("str"):
            return st.text(st.characters(exclude_characters="\x7f", exclude_categories=["Cs"])).map(
                lambda text: f" {text}x\n"
            )
        case Scalar("int"):
            return st.integers(-LARGEST, LARGEST)
        case Scalar("number"):
            return st.decimals(-LARGEST, LARGEST, places=3).map(float)
        case _:
            return st.booleans()


@st.composite
def filled(draw: st.DrawFn) -> tuple[Fields, dict[str, object]]:
    shape = draw(records)
    return shape, {name: draw(data(part)) for name, part in draw(st.permutations(shape.fields))}


@settings(deadline=None)
@given(shapes)
def test_a_shape_is_read_back_from_its_spelling(shape: Shape) -> None:
    assert schema.parse(json.loads(schema.spell(shape))) == shape


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("text", Text()),
        ("str", Text()),
        ("easy | hard", Choice(("easy", "hard"))),
        ("  very  easy|hard ", Choice(("very easy", "hard"))),
        ("1 | 1..5", Choice(("1", "1..5"))),
        ("1..5", Range(1, 5)),
        (" -5 .. -1 ", Range(-5, -1)),
        ({"list": "str"}, Items(Line())),
        ({"list": "yes | no"}, Items(Choice(("yes", "no")))),
        ({"weighed": "yes | no"}, Weighed(Choice(("yes", "no")))),
        ({"weighed": "1..100"}, Weighed(Range(1, 100))),
        ({"list": {"question": "text"}}, Items(Fields((("question", Scalar("str")),)))),
        ({"question": "str", "difficulty": "easy | hard", "age": "3..99"}, QUIZ),
    ],
)
def test_a_shape_is_written_as_in_yaml(given: object, expected: Shape) -> None:
    assert schema.parse(given) == expected


def test_the_order_of_fields_matters_and_white_space_does_not() -> None:
    spelled = schema.spell(schema.parse({"a": "str", "b": "x|y"}))
    assert spelled == schema.spell(schema.parse({"a": "text", "b": " x  |\ty "}))
    assert spelled != schema.spell(schema.parse({"b": "x|y", "a": "str"}))


ANSWER = "an answer is `text`, `easy | hard`, `1..5`, `{weighed: 1..5}`, `{list: str}` or `{name: str}`"
READABLE = "choices are of letters, digits and signs"
FIELD = "a field is `str`, `int`, `number`, `bool`, `easy | hard` or `1..5`"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("txt", Problem("`txt` is no shape of an answer", (), "a similar name is known: `text`")),
        ("int", Problem("`int` is no shape of an answer", (), ANSWER)),
        (True, Problem("`true` is no shape of an answer", (), ANSWER)),
        (["easy", "hard"], Problem('`["easy", "hard"]` is no shape of an answer', (), ANSWER)),
        ("easy |", Problem("`easy |` has an empty choice", (), "a choice is written `easy | hard`")),
        ("a | b | a", Problem("`a | b | a` offers a choice twice", (), "choices differ from each other")),
        ("\ud800 | b", Problem("`\\ud800 | b` offers what nobody can read", (), READABLE)),
        ("a\0 | b", Problem("`a\0 | b` offers what nobody can read", (), READABLE)),
        ("5..1", Problem("`5..1` is an empty range", (), "the lower end comes first: `1..5`")),
        ("3..3", Problem("`3..3` leaves no choice", (), "the ends of a range differ")),
        (
            "0..9007199254740992",
            Problem(
                "`0..9007199254740992` is too wide a range", (), "whole numbers go up to 9007199254740991"
            ),
        ),
        ({}, Problem("an answer needs at least one field", (), "a field is `name: str`")),
        (
            {"age": "itn"},
            Problem("`itn` is no shape of an answer", ("age",), "a similar name is known: `int`"),
        ),
        ({"age": 5}, Problem("`5` is no shape of an answer", ("age",), FIELD)),
        ({"a": {"b": "str"}}, Problem('`{"b": "str"}` is no shape of an answer', ("a",), FIELD)),
        ({"list": None}, Problem("`null` is no shape of an answer", ("list",), ANSWER)),
        (
            {"list": {"list": "str"}},
            Problem("a list cannot be of lists", ("list",), "a list is of `str`, of a choice, or of fields"),
        ),
        (
            {"list": "1..5"},
            Problem(
                "a list cannot be of numbers", ("list",), "a list is of `str`, of a choice, or of fields"
            ),
        ),
        (
            {"list": {"age": "9..3"}},
            Problem("`9..3` is an empty range", ("list", "age"), "the lower end comes first: `3..9`"),
        ),
        (
            {"list": "str", "age": "int"},
            Problem(
                "`list` stands alone", ("list",), "the fields of an item go under it: `list: {name: str}`"
            ),
        ),
        (
            {"weighed": "easy | hard", "age": "int"},
            Problem(
                "`weighed` stands alone",
                ("weighed",),
                "what is weighed goes under it: `weighed: easy | hard`",
            ),
        ),
        (
            {"weighed": "str"},
            Problem(
                "nothing but options can be weighed",
                ("weighed",),
                "what is weighed is a choice `easy | hard` or a range `1..5`",
            ),
        ),
        (
            {"weighed": "0..100"},
            Problem(
                "101 options are too many to be weighed", ("weighed",), "a coarser scale has at most 100"
            ),
        ),
        (
            {"weighed": "5..1"},
            Problem("`5..1` is an empty range", ("weighed",), "the lower end comes first: `1..5`"),
        ),
        (
            {"list": {"weighed": "1..5"}},
            Problem(
                "a list cannot be of options", ("list",), "a list is of `str`, of a choice, or of fields"
            ),
        ),
        (
            {"2nd": "str"},
            Problem(
                "`2nd` cannot be the name of a field",
                ("2nd",),
                "a name is of letters, digits and `_`, and does not begin with a digit",
            ),
        ),
    ],
)
def test_what_is_no_shape_is_refused_where_it_stands(given: object, problem: Problem) -> None:
    with pytest.raises(schema.ShapeError) as caught:
        schema.parse(given)
    assert caught.value.problems == (problem,)


def test_all_problems_of_a_shape_are_reported() -> None:
    with pytest.raises(schema.ShapeError) as caught:
        schema.parse({"list": {"a": "itn", "b": "str", "c-d": "str", "e": "2..1"}})
    assert [problem.loc for problem in caught.value.problems] == [
        ("list", "a"),
        ("list", "c-d"),
        ("list", "e"),
    ]


@settings(deadline=None)
@given(filled())
def test_the_data_of_an_answer_reads_as_the_same_answer(given: tuple[Fields, dict[str, object]]) -> None:
    shape, written = given
    answer = schema.read(shape, json.dumps(written, indent=2))
    assert answer.data is not None
    assert schema.read(shape, answer.data) == answer
    assert schema.read(Items(shape), f" {answer.data}\n") == answer
    assert list(json.loads(answer.data)) == [name for name, _ in shape.fields]


@settings(deadline=None)
@given(choices | ranges.map(lambda ends: Range(*ends)), st.data())
def test_what_was_chosen_reads_as_itself(shape: Choice | Range, chosen: st.DataObject) -> None:
    text = str(chosen.draw(data(shape)))
    assert schema.read(shape, f"\n {text} ") == Answer(text)


@settings(deadline=None)
@given(shapes, st.integers(0, 2**63 - 1))
def test_the_backend_of_the_tests_answers_as_asked(shape: Shape, seed: int) -> None:
    assert schema.read(shape, said(schema.single(shape), seed, "user")).text


@pytest.mark.parametrize(
    ("given", "raw", "expected"),
    [
        ("text", "  Two\nlines ", Answer("Two\nlines")),
        ("text", '{"a": 1}', Answer('{"a": 1}')),
        ("1..12", "007", Answer("7")),
        ({"list": "str"}, " one ", Answer("one")),
        (
            {"topic": "str", "title": "str"},
            '{"title": "b", "topic": "a"}',
            Answer("b", '{"topic": "a", "title": "b"}'),
        ),
        ({"topic": "str", "n": "int"}, '{"topic": " é ", "n": 2}', Answer("é", '{"topic": "é", "n": 2}')),
        ({"n": "number"}, '{"n": 1.50}', Answer("1.5", '{"n": 1.5}')),
        ({"n": "number"}, '{"n": 1E-7}', Answer("1e-07", '{"n": 1e-07}')),
        (
            {"ok": "bool", "topic": "str"},
            '{"ok": true, "topic": "a"}',
            Answer("true", '{"ok": true, "topic": "a"}'),
        ),
        ({"weighed": "1..2"}, '{"1": 0.25, "2": 0.75}', Answer("1.75", '{"1": 0.25, "2": 0.75}')),
        ({"weighed": "0..2"}, '{"0": 1, "1": 1, "2": 1.5}', Answer("1.14286", '{"0": 1, "1": 1, "2": 1.5}')),
        ({"weighed": "no | yes"}, '{"no": 0.3, "yes": 0.7}', Answer("yes", '{"no": 0.3, "yes": 0.7}')),
        ({"weighed": "no | yes"}, '{"no": 1, "yes": 1}', Answer("no", '{"no": 1, "yes": 1}')),
    ],
)
def test_an_answer_has_a_text_and_the_json_of_its_fields(given: object, raw: str, expected: Answer) -> None:
    assert schema.read(schema.parse(given), raw) == expected


@pytest.mark.parametrize(
    ("given", "raw", "reason"),
    [
        ("easy | hard", "Easy", "the answer is not one of `easy`, `hard`"),
        ("1..5", "6", "the answer is not a whole number from 1 to 5"),
        ("1..5", "2.0", "the answer is not a whole number from 1 to 5"),
        ("1..5", "９" * 3, "the answer is not a whole number from 1 to 5"),
        ({"list": "str"}, " \n", "the item is blank"),
        ({"list": "str"}, "a\nb", "the item is not one line"),
        ({"a": "str"}, "a: b", "the answer is not valid JSON"),
        ({"a": "str"}, "[" * 100_000, "the answer is not valid JSON"),
        ({"a": "str"}, "[]", "the answer is not a JSON object"),
        ({"a": "str"}, '"a"', "the answer is not a JSON object"),
        ({"a": "str", "b": "int"}, '{"a": "x"}', "the answer lacks `b`"),
        ({"a": "str"}, '{"a": "x", "z": 1}', "the answer has fields nobody asked for: `z`"),
        ({"a": "str"}, '{"a": "x", "a": "y"}', "the answer gives a field twice"),
        ({"a": "str"}, '{"a": " "}', "the field `a` is not text that says something"),
        ({"a": "str"}, '{"a": {"b": "c"}}', "the field `a` is not text that says something"),
        ({"a": "str"}, '{"a": "\\ud800"}', "the field `a` is not text that says something"),
        ({"a": "int"}, '{"a": 1.0}', "the field `a` is not a whole number within ±9007199254740991"),
        ({"a": "int"}, '{"a": true}', "the field `a` is not a whole number within ±9007199254740991"),
        ({"a": "int"}, f'{{"a": {"9" * 5000}}}', "the answer is not valid JSON"),
        ({"a": "number"}, '{"a": NaN}', "the field `a` is not a number within ±9007199254740991"),
        ({"a": "number"}, '{"a": 1e999}', "the field `a` is not a number within ±9007199254740991"),
        ({"a": "bool"}, '{"a": 1}', "the field `a` is not `true` or `false`"),
        ({"a": "1..5"}, '{"a": true}', "the field `a` is not a whole number from 1 to 5"),
        ({"a": "x | y"}, '{"a": "z"}', "the field `a` is not one of `x`, `y`"),
        ({"weighed": "no | yes"}, "yes", "the answer is not valid JSON"),
        ({"weighed": "no | yes"}, '{"no": 1}', "the answer does not weigh `no`, `yes`"),
        ({"weighed": "no | yes"}, '{"no": 1, "maybe": 1}', "the answer does not weigh `no`, `yes`"),
        ({"weighed": "no | yes"}, '{"no": 0, "yes": 0.0}', "the answer weighs nothing"),
        ({"weighed": "no | yes"}, '{"no": 1, "yes": -1}', "the weight of `yes` is not a number from 0"),
        ({"weighed": "no | yes"}, '{"no": NaN, "yes": 1}', "the weight of `no` is not a number from 0"),
        ({"weighed": "no | yes"}, '{"no": true, "yes": 1}', "the weight of `no` is not a number from 0"),
        (" | ".join(digits), "x", "the answer is not one of `0`, `1`, `2`, `3`, `4`, `5`, `6`, `7`, …"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(given: object, raw: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^the ") as caught:
        schema.read(schema.parse(given), raw)
    assert str(caught.value) == reason


def test_templates_may_ask_for_the_fields_of_an_answer_or_of_an_item() -> None:
    assert schema.fields(QUIZ) == schema.fields(Items(QUIZ)) == frozenset({"question", "difficulty", "age"})
    assert {schema.fields(shape) for shape in (Text(), Range(1, 2), Items(Line()))} == {None}


def test_templates_may_ask_how_likely_an_option_is() -> None:
    assert schema.fields(Weighed(Choice(("no", "yes")))) == frozenset({"no", "yes"})


@settings(deadline=None)
@given(scales.map(Weighed), st.data())
def test_a_weighed_answer_reads_as_itself_and_lies_on_its_scale(
    shape: Weighed, weights: st.DataObject
) -> None:
    given = {option: weights.draw(st.floats(1e-9, 1)) for option in shape.options}
    answer = schema.read(shape, json.dumps(given))
    assert answer.data is not None
    assert schema.read(shape, answer.data) == answer
    assert json.loads(answer.data) == given
    match shape.of:
        case Range(low, high):
            assert low <= float(answer.text) <= high
        case Choice():
            assert given[answer.text] == max(given.values())


def test_the_json_schema_names_every_field_and_allows_no_other() -> None:
    expected = {
        "type": "object",
        "properties": {
            "question": {"type": "string", "pattern": r"[^\s\u001c-\u001f]"},
            "difficulty": {"type": "string", "enum": ["easy", "hard"]},
            "age": {"type": "integer", "minimum": 3, "maximum": 99},
        },
        "required": ["question", "difficulty", "age"],
        "additionalProperties": False,
    }
    assert schema.json_schema(QUIZ) == schema.json_schema(Items(QUIZ)) == expected
    assert schema.json_schema(Text()) == {"type": "string"}
    assert schema.json_schema(Scalar("bool")) == {"type": "boolean"}
    assert schema.json_schema(Scalar("number")) == {**schema.json_schema(Scalar("int")), "type": "number"}
