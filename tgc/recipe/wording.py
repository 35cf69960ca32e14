"""Pydantic's findings in our words: its error types mapped to codes, sentences and hints, in one table."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from tgc.errors import Diagnostic, RecipeError, nearest
from tgc.recipe.section import KINDS, said
from tgc.source import Document
from tgc.source.yaml12 import Loc

LONGEST_VALUE = 40

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "`true` or `false`",
    "bool_parsing": "`true` or `false`",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_RANGES = {
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "string_too_short": "text that is not empty",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
}
_HALVES = {"missing", "missing_key", "union_tag_not_found", "one_share", "bad_shape", "value_error"}
"""What is also found where a required key was taken out because its value was wrong."""

_OF_KEYS = {"unknown_key", "split_name"}
"""What is wrong with a key and not with what it holds."""

_GUESSES = ("score", "prompt", "text", "map", "role", "values")
"""Which key of several is taken to say what a level does: the first, for most can be said of it."""

_SUCH = {
    "distinct": "such as `{by: mmr, oversample: 2.0}`",
    "examples": "such as `{from: seeds.jsonl, k: 3}`",
    "limits": "such as `{nodes: 5_000_000}`",
    "mix": "such as `{size: 10_000, balance: [topic]}`",
    "sampling": "such as `{temperature: 0.7, top_p: 0.95}`",
    "split": "such as `{validation: 0.02, by: question}`",
    "turns": "such as `{1: 0.3, 2: 0.7}`, or `{mean: 2, std: 1}`",
}
"""How to write what should be a mapping."""

ONE_KIND = f"a level has one of {', '.join(f'`{kind}`' for kind in KINDS)}"

_NUMBER = re.compile(r"[-+]?[0-9][0-9_.]*")

_NAMES = "lower-case letters, digits, `-` and `_`, at most 64, and not a sign first"


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
    problem = _SENTENCES.get(error["type"], _value)(error, loc, document)
    return Flaw((*loc, *_surplus(error)), problem)


def explain_together(errors: Iterable[ErrorDetails], whole: Document, document: Document) -> Iterator[Flaw]:
    """What findings mean; what the members of a union want of one value is said in one sentence."""
    placed = sorted(errors, key=lambda error: repr(_place(error["loc"], document)))
    for loc, group in groupby(placed, lambda error: _place(error["loc"], document)):
        findings = list(group)
        wants = [wanted for wanted in map(_wanted, findings) if wanted]
        if len(wants) == len(findings):
            yield Flaw(loc, _unwanted(wants, findings[0], loc, document))
        else:
            yield from (explain(error, whole, document) for error in findings)


def is_guess(whole: Document, document: Document, *level: str | int) -> bool:
    """Whether a level said several things that it does, none, or one that was taken out since."""
    before, after = said(whole.get(*level)), said(document.get(*level))
    return len(before) != 1 or before != after


def show(value: object) -> str:
    """A value as a message quotes it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = text[1:-1] if isinstance(value, str) and value else text
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


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


def _value(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    wanted = _wanted(error)
    if wanted is not None:
        return _unwanted([wanted], error, loc, document)
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    return Diagnostic("bad-value", f"`{_name(loc)}`: {message[:1].lower()}{message[1:]}", document.at(*loc))


def _wanted(error: ErrorDetails) -> tuple[str, str] | None:
    context = error.get("ctx", {})
    if error["type"] == "literal_error":
        return "out-of-range", context.get("expected", "").replace("'", "`")
    for code, table in (("wrong-type", _WANTED), ("out-of-range", _RANGES)):
        if error["type"] in table:
            return code, table[error["type"]].format(**context)
    return None


def _unwanted(
    wants: Sequence[tuple[str, str]], error: ErrorDetails, loc: Loc, document: Document
) -> Diagnostic:
    wanted = " or ".join(words for _, words in wants)
    message = f"`{_name(loc)}` should be {wanted}, not `{show(error['input'])}`"
    return Diagnostic(wants[0][0], message, document.at(*loc), _such(wants, error["input"], loc))


def _such(wants: Sequence[tuple[str, str]], given: object, loc: Loc) -> str | None:
    wanted = {words for _, words in wants}
    if isinstance(given, str) and any("number" in words for words in wanted) and _NUMBER.fullmatch(given):
        return f"without quotes: `{given}`"
    if wanted == {"a list"} and isinstance(given, str):
        return (
            f"in brackets: `[{json.dumps(given, ensure_ascii=False)}]`"
            if len(given) < LONGEST_VALUE
            else None
        )
    return _SUCH.get(_name(loc)) if wanted == {"a mapping"} else None


def _pattern(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    message = f"`{show(error['input'])}` cannot be a {_name(loc)}"
    hint = f"it should match `{error.get('ctx', {}).get('pattern')}`"
    if loc == ("name",):
        hint = _NAMES
    return Diagnostic("bad-name", message, document.at(*loc), hint)


def _unknown_key(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    owner = f" in `{_name(loc[:-1])}`" if len(loc) > 1 else ""
    context = error.get("ctx", {})
    takers = context.get("takers")
    hint = nearest(str(loc[-1]), context.get("known", ()))
    if takers:
        hint = f"`{loc[-1]}` is for levels with {_either(takers)}"
    return Diagnostic("unknown-key", f"unknown key `{loc[-1]}`{owner}", document.key(*loc), hint)


def _missing_key(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    context = error.get("ctx", {})
    key = context.get("key", error["loc"][-1])
    hint = nearest("", context.get("known", ())) or f"add `{key}: …`"
    return Diagnostic("missing-key", f"`{_name(loc)}` has no `{key}`", document.key(*loc), hint)


def _kind(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    kinds = said(error["input"])
    if not kinds:
        return Diagnostic("wrong-type", f"`{_name(loc)}` should be a mapping", document.at(*loc))
    message = f"level `{_name(loc)}` says both {' and '.join(f'`{kind}`' for kind in kinds)}"
    hint = ONE_KIND
    if "role" in kinds:
        hint = "keep one of them; `speaks: user` makes a turn of what is no `role`"
    return Diagnostic("level-kind", message, document.key(*loc), hint)


def _aimless(document: Document, loc: Loc, level: Mapping[str, object]) -> Flaw:
    for key, kind in _misspelt(level).items():
        message, hint = f"unknown key `{key}` in `{_name(loc)}`", f"a similar name is known: `{kind}`"
        return Flaw((*loc, key), Diagnostic("unknown-key", message, document.key(*loc, key), hint))
    message = f"level `{_name(loc)}` does not say what it does"
    return Flaw((*loc, KINDS[0]), Diagnostic("level-kind", message, document.key(*loc), ONE_KIND))


def _misspelt(given: Mapping[str, object]) -> dict[str, str]:
    """The keys that may mean one of those that say what a level does."""
    found = {key: get_close_matches(key, KINDS, n=1) for key in given}
    return {key: close[0] for key, close in found.items() if close}


def _surplus(error: ErrorDetails) -> Loc:
    """The key that a level can best do without, of several that say what it does."""
    kinds = said(error["input"]) if error["type"] == "union_tag_not_found" else ()
    return (max(kinds, key=_GUESSES.index),) if kinds else ()


def _share(_: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    hint = "one share by its name and a level, such as `{validation: 0.02, by: question}`"
    return Diagnostic("bad-value", "`split` should hold out one share", document.at(*loc), hint)


def _shape(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    context, given = error.get("ctx", {}), document.get(*loc)
    hint = context["hint"]
    if isinstance(given, list):
        options = " | ".join(map(show, given)) if len(given) > 1 else "easy | hard"
        hint = f"a choice is written `{options}`, a list `{{list: str}}`"
    return Diagnostic("bad-answers", context["message"], document.at(*loc), hint)


def _split_name(_: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    message = f"`{show(loc[-1])}` cannot be the name of a split"
    hint = f"{_NAMES}; `train` is what is not held out"
    return Diagnostic("bad-name", message, document.key(*loc), hint)


def _unknown_plugin(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    context, what = error.get("ctx", {}), error["type"].removeprefix("unknown_")
    span = document.at(*loc, context["key"])
    hint = nearest(context["name"], context["known"])
    return Diagnostic(f"unknown-{what}", f"there is no {what} `{context['name']}`", span, hint)


def _either(names: Sequence[str]) -> str:
    *others, last = (f"`{name}`" for name in names)
    return f"{', '.join(others)} or {last}" if others else last


def _name(loc: Loc) -> str:
    names = [part for part in loc if isinstance(part, str)] or ["the file"]
    return f"{names[-1]}[{loc[-1]}]" if loc and loc[-1] != names[-1] else names[-1]


_SENTENCES: dict[str, Callable[[ErrorDetails, Loc, Document], Diagnostic]] = {
    "string_pattern_mismatch": _pattern,
    "unknown_key": _unknown_key,
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "missing_key": _missing_key,
    "union_tag_not_found": _kind,
    "one_share": _share,
    "split_name": _split_name,
    "bad_shape": _shape,
    "unknown_backend": _unknown_plugin,
    "unknown_filter": _unknown_plugin,
    "unknown_format": _unknown_plugin,
    "unknown_reader": _unknown_plugin,
}
