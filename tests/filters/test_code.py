"""Code that names its language parses in it, or is rejected; it is never run."""

import warnings
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc.detect.code import PARSERS, parses
from tgc.filters.base import MEASURES, VERDICT
from tgc.filters.code import Code

DEEP = {
    "python": ["(" * 9_000, "-" * 9_000 + "1", "a" + ".b" * 9_000, "not " * 4_000 + "x", "f" + "()" * 9_000],
    "json": ["[" * 20_000, '{"a":' * 4_000],
    "yaml": ["[" * 5_000, "- " * 9_000 + ":"],
    "toml": ["a=" + "[" * 10_000],
}


def nodes(*texts: str) -> pl.DataFrame:
    schema = {"node_id": pl.UInt64, "text": pl.String}
    return pl.DataFrame({"node_id": range(1, len(texts) + 1), "text": texts}, schema=schema)


def fenced(language: str, code: str) -> str:
    return f"See:\n```{language}\n{code}\n```\n"


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [
        ("python", "def f(x):\n    return [y async for y in x]", "print 'two'"),
        ("py", "if x:\n    pass", "if x:\npass"),
        ("Python3", "await f()", "x = (1,"),
        ("json", '{"a": [1, 2.5, null]}', "{'a': 1}"),
        ("jsonl", '{"a": 1}\n\n{"a": 2}', '{"a": 1} {"a": 2}'),
        ("yaml", "a: &x [1, 2]\n---\nb: !!python/object:os.system 3", "a: [1\nb: 2"),
        ("yml title=x", "- a\n- b", "a: b: c"),
        ("toml", "[a]\nb = 1979-05-27", "a = "),
        ("{.python}", "x = 1", "x = = 1"),
    ],
)
def test_each_language_has_its_parser(language: str, right: str, wrong: str) -> None:
    verdicts = Code().judge(nodes(fenced(language, right), fenced(language, wrong)))
    assert dict(verdicts.schema) == VERDICT
    assert verdicts["kept"].to_list() == [True, False]
    assert verdicts["score"].to_list() == [0.0, 1.0]


@pytest.mark.parametrize(
    "text",
    [
        "no code, but `x = = 1`",
        fenced("", "x = = 1"),
        fenced("rust", "fn main( {"),
        fenced("python", ">>> 1 +\n2"),
        fenced("sh", "$ ls"),
        fenced("python", "(" * 20_001),
    ],
)
def test_other_code_has_no_score(text: str) -> None:
    assert Code().judge(nodes(text)).row(0) == (1, True, None, None)


def test_the_first_block_that_does_not_parse_is_named_and_all_are_counted() -> None:
    text = fenced("rust", "fn") + fenced("json", "[1]") + fenced("python", "x =") + fenced("json", "[1")
    assert Code().judge(nodes(text)).row(0) == (1, False, "code block 3 (python) does not parse", 2.0)
    assert Code(languages=("json",)).judge(nodes(text))["score"].item() == 1.0


def test_a_block_in_a_list_is_judged_without_its_margin() -> None:
    assert Code().judge(nodes("1. So:\n\n   ```python\n   def f():\n       pass\n   ```"))["kept"].item()


def test_code_is_never_run(tmp_path: Path) -> None:
    path = tmp_path / "ran"
    bad = [
        fenced("python", f"open({str(path)!r}, 'w')"),
        fenced("yaml", f"!!python/object/apply:os.mkdir [{path}]"),
    ]
    assert Code().judge(nodes(*bad))["kept"].all()
    assert not path.exists()


def test_no_warning_leaks() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert parses("python", "'\\d' is 1")
    assert caught == []


@pytest.mark.parametrize(
    ("language", "code"), [(language, code) for language in DEEP for code in DEEP[language]]
)
def test_deep_nesting_does_not_parse_and_crashes_nothing(language: str, code: str) -> None:
    assert not parses(language, code)


@pytest.mark.parametrize("language", PARSERS)
@pytest.mark.parametrize("code", ["\0", "a\0b", "\ufeff", "\x1b", "\u2028", "1" * 5_000, "\ud7ff", "\\"])
def test_odd_characters_crash_nothing(language: str, code: str) -> None:
    assert parses(language, code) in {True, False}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(PARSERS)), st.text() | st.text("[]{}()\"':,- \n=#&*!|>a1"))
def test_any_code_has_one_measure(language: str, code: str) -> None:
    measured = Code().measure(nodes(fenced(language, code)))
    assert dict(measured.schema) == MEASURES
    assert measured.height == 1
