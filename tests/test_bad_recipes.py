"""Every mistake has a recipe beside what its author reads; `python -m tests.test_bad_recipes` rewrites it."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tgc import lower, source
from tgc.errors import Diagnostic, RecipeError
from tgc.render import diagnostics

REPOSITORY = Path(__file__).parent.parent
HOME = Path(__file__).parent / "recipes" / "bad"
RECIPES = sorted(path.name for path in HOME.glob("*.yaml"))
ERRORS = REPOSITORY / "docs" / "reference" / "errors.md"
ELSEWHERE = {
    "bad-lock",
    "bad-query",
    "lock-drift",
    "lock-missing",
    "refused-row",
    "shared-name",
    "template-render",
    "unavailable-model",
    "unknown-backend",
    "unknown-profile",
}
"""Codes of what shows in a build, or in another file than a recipe."""


@pytest.mark.parametrize("name", RECIPES)
def test_a_bad_recipe_gets_its_diagnostics(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOME)
    assert _said(name) == (HOME / name).with_suffix(".out").read_text()


@pytest.mark.parametrize("name", RECIPES)
def test_a_bad_recipe_shows_the_code_it_is_named_after(name: str) -> None:
    shown = _codes_in((HOME / name).with_suffix(".out").read_text())
    assert name == "ten_mistakes.yaml" or any(name.startswith(code) for code in shown)


def test_ten_mistakes_are_found_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOME)
    assert len(_found("ten_mistakes.yaml")) >= 10


def test_every_span_quotes_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HOME)
    spans = [problem.span for name in RECIPES if name != "not-utf8.yaml" for problem in _found(name)]
    for span in filter(None, spans):
        lines = source.read(Path(span.path), span.path).splitlines()
        assert not span.text or lines[span.line - 1] == span.text
        assert span.column + span.length <= len(span.text) + 2


def test_every_code_has_an_entry_in_the_reference() -> None:
    assert set(_codes_in_source()) | set(_codes_in_goldens()) | ELSEWHERE == set(_codes_in_reference())


def test_every_code_has_a_bad_recipe() -> None:
    assert set(_codes_in_reference()) - ELSEWHERE == set(_codes_in_goldens())


def _found(name: str) -> tuple[Diagnostic, ...]:
    try:
        document = source.assemble(Path(name), name, Path())
        return lower.from_document(document, lower.Around(Path(), (Path("templates"),))).warnings
    except RecipeError as error:
        return error.diagnostics


def _said(name: str) -> str:
    return diagnostics.human(_found(name)) + "\n"


def _codes_in(text: str) -> set[str]:
    return set(re.findall(r"^(?:error|warning)\[([a-z0-9-]+)\]", text, re.MULTILINE))


def _codes_in_goldens() -> set[str]:
    return set().union(*(_codes_in(path.read_text()) for path in HOME.glob("*.out")))


def _codes_in_reference() -> set[str]:
    return set(re.findall(r"^## `([a-z0-9-]+)`", ERRORS.read_text(), re.MULTILINE))


def _codes_in_source() -> Iterator[str]:
    for path in (REPOSITORY / "tgc").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            match call:
                case ast.Call(func=ast.Name(id="Diagnostic"), args=[ast.Constant(value=str(code)), *_]):
                    yield code


def _rewrite() -> None:
    os.chdir(HOME)
    for name in RECIPES:
        Path(name).with_suffix(".out").write_text(_said(name))


if __name__ == "__main__":
    _rewrite()
