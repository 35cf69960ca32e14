"""Pydantic's findings in our words: its error types mapped to codes, sentences and hints, in one table."""

import json
import re
from collections.abc import Callable, Sequence

from pydantic_core import ErrorDetails

from tgc.errors import Diagnostic, nearest
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


def sentence(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    """What one finding says of the part of a document at `loc`."""
    return _SENTENCES.get(error["type"], _value)(error, loc, document)


def wanted(error: ErrorDetails) -> tuple[str, str] | None:
    """The code of a finding and what it wants instead, in words; None where it wants no other value."""
    context = error.get("ctx", {})
    if error["type"] == "literal_error":
        return "out-of-range", context.get("expected", "").replace("'", "`")
    for code, table in (("wrong-type", _WANTED), ("out-of-range", _RANGES)):
        if error["type"] in table:
            return code, table[error["type"]].format(**context)
    return None


def unwanted(
    wants: Sequence[tuple[str, str]], error: ErrorDetails, loc: Loc, document: Document
) -> Diagnostic:
    """That a value is none of what is wanted."""
    words = " or ".join(words for _, words in wants)
    message = f"`{name(loc)}` should be {words}, not `{_show(error['input'])}`"
    return Diagnostic(wants[0][0], message, document.at(*loc), _such(wants, error["input"], loc))


def name(loc: Loc) -> str:
    """A part of a document, as messages call it."""
    names = [part for part in loc if isinstance(part, str)] or ["the file"]
    return f"{names[-1]}[{loc[-1]}]" if loc and loc[-1] != names[-1] else names[-1]


def _value(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    wants = wanted(error)
    if wants is not None:
        return unwanted([wants], error, loc, document)
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    return Diagnostic("bad-value", f"`{name(loc)}`: {message[:1].lower()}{message[1:]}", document.at(*loc))


def _such(wants: Sequence[tuple[str, str]], given: object, loc: Loc) -> str | None:
    kinds = {words for _, words in wants}
    if isinstance(given, str) and any("number" in words for words in kinds) and _NUMBER.fullmatch(given):
        return f"without quotes: `{given}`"
    if kinds == {"a list"} and isinstance(given, str):
        return (
            f"in brackets: `[{json.dumps(given, ensure_ascii=False)}]`"
            if len(given) < LONGEST_VALUE
            else None
        )
    return _SUCH.get(name(loc)) if kinds == {"a mapping"} else None


def _show(value: object) -> str:
    """A value as a message quotes it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = text[1:-1] if isinstance(value, str) and value else text
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _pattern(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    message = f"`{_show(error['input'])}` cannot be a {name(loc)}"
    hint = f"it should match `{error.get('ctx', {}).get('pattern')}`"
    if loc == ("name",):
        hint = _NAMES
    return Diagnostic("bad-name", message, document.at(*loc), hint)


def _unknown_key(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    owner = f" in `{name(loc[:-1])}`" if len(loc) > 1 else ""
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
    return Diagnostic("missing-key", f"`{name(loc)}` has no `{key}`", document.key(*loc), hint)


def _kind(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    kinds = said(error["input"])
    if not kinds:
        return Diagnostic("wrong-type", f"`{name(loc)}` should be a mapping", document.at(*loc))
    message = f"level `{name(loc)}` says both {' and '.join(f'`{kind}`' for kind in kinds)}"
    hint = ONE_KIND
    if "role" in kinds:
        hint = "keep one of them; `speaks: user` makes a turn of what is no `role`"
    return Diagnostic("level-kind", message, document.key(*loc), hint)


def _share(_: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    hint = "one share by its name and a level, such as `{validation: 0.02, by: question}`"
    return Diagnostic("bad-value", "`split` should hold out one share", document.at(*loc), hint)


def _shape(error: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    context, given = error.get("ctx", {}), document.get(*loc)
    hint = context["hint"]
    if isinstance(given, list):
        options = " | ".join(map(_show, given)) if len(given) > 1 else "easy | hard"
        hint = f"a choice is written `{options}`, a list `{{list: str}}`"
    return Diagnostic("bad-answers", context["message"], document.at(*loc), hint)


def _split_name(_: ErrorDetails, loc: Loc, document: Document) -> Diagnostic:
    message = f"`{_show(loc[-1])}` cannot be the name of a split"
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
