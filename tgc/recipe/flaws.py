"""Parts of a recipe that cannot stay: pydantic's findings placed in the document, each said once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from tgc.errors import Diagnostic, RecipeError
from tgc.recipe import wording
from tgc.recipe.section import KINDS, said
from tgc.source import Document
from tgc.source.yaml12 import Loc

_HALVES = {"missing", "missing_key", "union_tag_not_found", "one_share", "bad_shape", "value_error"}
"""What is also found where a required key was taken out because its value was wrong."""

_OF_KEYS = {"unknown_key", "split_name"}
"""What is wrong with a key and not with what it holds."""

_GUESSES = ("score", "prompt", "text", "map", "role", "values")
"""Which key of several is taken to say what a level does: the first, for most can be said of it."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A part of a document that cannot stay, and what to say about it; None when it has been said."""

    loc: Loc
    problem: Diagnostic | None


def missing(document: Document, section: type[BaseModel]) -> Iterator[Diagnostic]:
    """A diagnostic for every required key of the whole document that is not there.

    Raises:
        RecipeError: the document is not a mapping.
    """
    if not isinstance(document.value, dict):
        problem = Diagnostic("wrong-type", "a recipe should be a mapping of keys to values", document.at())
        raise RecipeError([problem])
    for name, field in section.model_fields.items():
        if field.is_required() and name not in document.value:
            yield Diagnostic("missing-key", f"the recipe has no `{name}`", document.at(), f"add `{name}: …`")


def aimless(document: Document) -> Iterator[Flaw]:
    """The levels of the whole document that do not say what they do, at the key that may be meant to."""
    tree = document.value.get("tree") if isinstance(document.value, dict) else None
    for name, level in tree.items() if isinstance(tree, dict) else ():
        if isinstance(level, dict) and not said(level):
            yield _aimless(document, ("tree", name), level)


def explain(error: ErrorDetails, whole: Document, document: Document) -> Flaw:
    """What one finding means; `document` is `whole` less what has been explained before."""
    loc = _place(error["loc"], document)
    if error["type"] in _OF_KEYS:
        loc = (*loc, error["ctx"]["key"])
    if error["type"] == "unknown_key" and error["ctx"]["takers"] and is_guess(whole, document, *loc[:-1]):
        return Flaw(loc, None)
    if error["type"] == "bad_shape":
        loc = (*loc, *error["ctx"]["loc"])
    if error["type"] in _HALVES and _was_cut(loc, whole, document):
        return Flaw(loc, None)
    problem = wording.sentence(error, loc, document)
    return Flaw((*loc, *_surplus(error)), problem)


def explain_together(errors: Iterable[ErrorDetails], whole: Document, document: Document) -> Iterator[Flaw]:
    """What findings mean; what the members of a union want of one value is said in one sentence."""
    placed = sorted(errors, key=lambda error: repr(_place(error["loc"], document)))
    for loc, group in groupby(placed, lambda error: _place(error["loc"], document)):
        findings = list(group)
        wants = [wanted for wanted in map(wording.wanted, findings) if wanted]
        if len(wants) == len(findings):
            yield Flaw(loc, wording.unwanted(wants, findings[0], loc, document))
        else:
            yield from (explain(error, whole, document) for error in findings)


def is_guess(whole: Document, document: Document, *level: str | int) -> bool:
    """Whether a level said several things that it does, none, or one that was taken out since."""
    before, after = said(whole.get(*level)), said(document.get(*level))
    return len(before) != 1 or before != after


def _place(raw: tuple[str | int, ...], document: Document) -> Loc:
    loc: Loc = ()
    for part in raw:  # pydantic's locations also name the member of a union that was tried
        loc = (*loc, part) if document.has(*loc, part) else loc
    return loc


def _was_cut(loc: Loc, whole: Document, document: Document) -> bool:
    here = document.values[loc]
    same = (there for there, extent in whole.values.items() if extent == here and len(there) == len(loc))
    return _size(whole, next(same)) > _size(document, loc)


def _size(document: Document, loc: Loc) -> int:
    return sum(other[: len(loc)] == loc for other in document.values)


def _aimless(document: Document, loc: Loc, level: Mapping[str, object]) -> Flaw:
    for key, kind in _misspelt(level).items():
        message, hint = f"unknown key `{key}` in `{wording.name(loc)}`", f"a similar name is known: `{kind}`"
        return Flaw((*loc, key), Diagnostic("unknown-key", message, document.key(*loc, key), hint))
    message = f"level `{wording.name(loc)}` does not say what it does"
    return Flaw((*loc, KINDS[0]), Diagnostic("level-kind", message, document.key(*loc), wording.ONE_KIND))


def _misspelt(given: Mapping[str, object]) -> dict[str, str]:
    """The keys that may mean one of those that say what a level does."""
    found = {key: get_close_matches(key, KINDS, n=1) for key in given}
    return {key: close[0] for key, close in found.items() if close}


def _surplus(error: ErrorDetails) -> Loc:
    """The key that a level can best do without, of several that say what it does."""
    kinds = said(error["input"]) if error["type"] == "union_tag_not_found" else ()
    return (max(kinds, key=_GUESSES.index),) if kinds else ()
