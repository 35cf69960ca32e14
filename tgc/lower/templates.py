"""Templates as a recipe names or holds them, with a place for all that is wrong with one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tgc import template
from tgc.errors import Diagnostic, RecipeError
from tgc.source.extent import Extent
from tgc.template import Template, shelf

AT_WORDS = frozenset({"template-syntax", "unsafe-template"})
"""Codes of problems whose messages name the word that is wrong last."""


def load(given: str, search: tuple[Path, ...], extent: Extent) -> Template:
    """The template that a recipe means by what is written at `extent`.

    Raises:
        RecipeError: as `template.load`; what is wrong with a text of the recipe itself is shown at its word, if
            that stands there once, else at the whole of it.
    """
    try:
        return template.load(given, search)
    except RecipeError as error:
        raise RecipeError(_placed(error.diagnostics, extent)) from error


def _placed(problems: tuple[Diagnostic, ...], extent: Extent) -> Iterator[Diagnostic]:
    for problem in problems:
        yield replace(problem, span=problem.span or _blamed(problem, extent).span)


def _blamed(problem: Diagnostic, extent: Extent) -> Extent:
    place = shelf.once(extent.text, shelf.blamed(problem.message)) if problem.code in AT_WORDS else None
    return extent.part(*place) if place else extent
