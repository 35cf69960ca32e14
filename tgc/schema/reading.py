"""Reading an answer: what a model wrote, held against the shape it was asked for."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isfinite
from typing import assert_never

from tgc.dialogue import SURROGATE
from tgc.errors import MOST_CANDIDATES
from tgc.schema.shapes import LARGEST, Choice, Field, Fields, Items, Line, Range, Scalar, Shape, Text, Weighed

NAMING_FIELDS = ("text", "name", "title", "question", "prompt", "instruction")
"""The fields that may be the text of an answer with fields, the likeliest first; without them it is the first."""

DIGITS = 6
"""Significant digits of an expected number."""

WHOLE = re.compile(r"-?[0-9]{1,16}")

WANTED = {
    "str": "text that says something",
    "int": f"a whole number within ±{LARGEST}",
    "number": f"a number within ±{LARGEST}",
    "bool": "`true` or `false`",
}
"""What a field of each type must be, as a message says it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a node holds it: its text, and the JSON of its fields if it has any."""

    text: str
    data: str | None = None


def read(shape: Shape, raw: str) -> Answer:
    """The answer that a model wrote, or that a node holds: its own data reads as the same answer.

    Raises:
        ValueError: it does not fit the shape; the message says why.
    """
    match shape:
        case Text():
            return Answer(raw.strip())
        case Line():
            return Answer(_line(raw.strip()))
        case Choice() | Range():
            said = raw.strip()
            datum = int(said) if isinstance(shape, Range) and WHOLE.fullmatch(said) else said
            return Answer(str(_fitting(shape, datum, "the answer")))
        case Fields(parts):
            return _with_fields(_fitted(parts, _object(raw)))
        case Items(of):
            return read(of, raw)
        case Weighed():
            return _weighed(shape, _object(raw))
        case _:
            assert_never(shape)


def _weighed(shape: Weighed, found: dict[str, object]) -> Answer:
    """The expected number (G-Eval, arXiv 2303.16634) or the likeliest option, beside how likely each is."""
    if tuple(found) != shape.options:
        raise ValueError(f"the answer does not weigh {_listed(shape.options)}")
    weights = {option: _weight(option, found[option]) for option in shape.options}
    if not any(weights.values()):
        raise ValueError("the answer weighs nothing")
    return Answer(_settled(shape, weights), json.dumps(weights, ensure_ascii=False))


def _weight(option: str, datum: object) -> float:
    if not isinstance(datum, float | int) or isinstance(datum, bool) or not isfinite(datum) or datum < 0:
        raise ValueError(f"the weight of `{option}` is not a number from 0")
    return datum


def _settled(shape: Weighed, weights: dict[str, float]) -> str:
    match shape.of:
        case Choice(options):
            return max(options, key=weights.__getitem__)
        case Range():
            mean = fsum(int(option) * weight for option, weight in weights.items()) / fsum(weights.values())
            return f"{mean:.{DIGITS}g}"
        case _:
            assert_never(shape.of)


def _line(said: str) -> str:
    if not said or "\n" in said or "\r" in said:
        raise ValueError(f"the item is {'not one line' if said else 'blank'}")
    return said


def _object(raw: str) -> dict[str, object]:
    """The members of a JSON object; objects within it become tuples, which fit nothing."""
    try:
        found = json.loads(raw, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        raise ValueError("the answer is not valid JSON") from None
    if not isinstance(found, tuple):
        raise ValueError("the answer is not a JSON object")
    if len(dict(found)) < len(found):
        raise ValueError("the answer gives a field twice")
    return dict(found)


def _fitted(parts: tuple[tuple[str, Field], ...], found: dict[str, object]) -> dict[str, str | float]:
    names = [name for name, _ in parts]
    if missing := [name for name in names if name not in found]:
        raise ValueError(f"the answer lacks {_listed(missing)}")
    if strange := [name for name in found if name not in names]:
        raise ValueError(f"the answer has fields nobody asked for: {_listed(strange)}")
    return {name: _fitting(part, found[name], f"the field `{name}`") for name, part in parts}


def _fitting(part: Field, datum: object, what: str) -> str | float:
    found = datum.strip() if isinstance(datum, str) else datum
    if not isinstance(found, str | float | int) or not _fits(part, found):
        raise ValueError(f"{what} is not {_wanted(part)}")
    return found


def _fits(part: Field, datum: str | float) -> bool:
    match part:
        case Choice(options):
            return datum in options
        case Range(low, high):
            return type(datum) is int and low <= datum <= high
        case Scalar("str"):
            return isinstance(datum, str) and bool(datum) and not SURROGATE.search(datum)
        case Scalar("bool"):
            return isinstance(datum, bool)
        case Scalar(kind):
            sort = int if kind == "int" else float | int
            return isinstance(datum, sort) and not isinstance(datum, bool) and -LARGEST <= datum <= LARGEST
        case _:
            assert_never(part)


def _wanted(part: Field) -> str:
    match part:
        case Choice(options):
            return f"one of {_listed(options)}"
        case Range(low, high):
            return f"a whole number from {low} to {high}"
        case Scalar(kind):
            return WANTED[kind]
        case _:
            assert_never(part)


def _with_fields(found: dict[str, str | float]) -> Answer:
    named = next((name for name in NAMING_FIELDS if name in found), next(iter(found)))
    datum = found[named]
    text = datum if isinstance(datum, str) else json.dumps(datum)
    return Answer(text, json.dumps(found, ensure_ascii=False))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:MOST_CANDIDATES])
    return f"{shown}{', …' if len(names) > MOST_CANDIDATES else ''}"
