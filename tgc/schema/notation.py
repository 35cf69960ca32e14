"""How a recipe writes a shape, and the one spelling that each has."""

import json
import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import assert_never, get_args

from tgc.schema.shapes import (
    LARGEST,
    MOST_WEIGHED,
    Choice,
    Field,
    Fields,
    Items,
    Kind,
    Line,
    Range,
    Scalar,
    Shape,
    Text,
    Weighed,
)

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
RANGE = re.compile(r"\s*(-?[0-9]{1,16})\s*\.\.\s*(-?[0-9]{1,16})\s*")

ANSWER = "an answer is `text`, `easy | hard`, `1..5`, `{weighed: 1..5}`, `{list: str}` or `{name: str}`"
FIELD = "a field is `str`, `int`, `number`, `bool`, `easy | hard` or `1..5`"
ALONE = {
    "list": "the fields of an item go under it: `list: {name: str}`",
    "weighed": "what is weighed goes under it: `weighed: easy | hard`",
}
"""Names that no field has, for they say what the answer is."""

LONGEST = 40
"""How many characters of what was written a message shows."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong where; `loc` leads from the whole of `answers` to the value, and is empty for the whole."""

    message: str
    loc: tuple[str, ...] = ()
    hint: str | None = None


class ShapeError(ValueError):
    """A shape cannot be what was written; all problems, in the order written."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.message for problem in problems))


def parse(given: object) -> Shape:
    """The shape that a YAML value asks for.

    >>> parse({"list": {"question": "str", "difficulty": "easy | hard"}})
    Items(of=Fields(fields=(('question', Scalar(kind='str')), ('difficulty', Choice(options=('easy', 'hard'))))))

    Raises:
        ShapeError: it is no shape.
    """
    if isinstance(given, dict) and list(given) == ["list"]:
        return Items(_item(given["list"]))
    if isinstance(given, dict) and list(given) == ["weighed"]:
        return Weighed(_options(given["weighed"]))
    return _fields(given) if isinstance(given, dict) else _single(given)


def spell(shape: Shape) -> str:
    """The one spelling of a shape: JSON that `parse` understands, the same for equal shapes only.

    >>> spell(parse({"question": "text", "difficulty": " easy|hard"}))
    '{"question": "str", "difficulty": "easy | hard"}'
    """
    return json.dumps(_written(shape), ensure_ascii=False)


_MANY = {Items: "lists", Range: "numbers", Weighed: "options"}
"""What a list is not of."""


def _item(given: object) -> Line | Choice | Fields:
    item = _within("list", given)
    if isinstance(item, Items | Range | Weighed):
        message = f"a list cannot be of {_MANY[type(item)]}"
        raise ShapeError(Problem(message, ("list",), "a list is of `str`, of a choice, or of fields"))
    return Line() if isinstance(item, Text | Line) else item


def _options(given: object) -> Choice | Range:
    shape = _within("weighed", given)
    if not isinstance(shape, Choice | Range):
        hint = "what is weighed is a choice `easy | hard` or a range `1..5`"
        raise ShapeError(Problem("nothing but options can be weighed", ("weighed",), hint))
    count = len(shape.options) if isinstance(shape, Choice) else shape.high - shape.low + 1
    if count > MOST_WEIGHED:
        hint = f"a coarser scale has at most {MOST_WEIGHED}"
        raise ShapeError(Problem(f"{count} options are too many to be weighed", ("weighed",), hint))
    return shape


def _within(name: str, given: object) -> Shape:
    try:
        return parse(given)
    except ShapeError as error:
        raise ShapeError(*(_under(name, problem) for problem in error.problems)) from None


def _fields(given: dict[object, object]) -> Fields:
    if not given:
        raise ShapeError(Problem("an answer needs at least one field", hint="a field is `name: str`"))
    found = [_field(name, part) for name, part in given.items()]
    problems = [part for part in found if isinstance(part, Problem)]
    if problems:
        raise ShapeError(*problems)
    return Fields(tuple(part for part in found if not isinstance(part, Problem)))


def _field(name: object, given: object) -> tuple[str, Field] | Problem:
    loc = (str(name),)
    if name in ALONE:
        return Problem(f"`{name}` stands alone", loc, ALONE[str(name)])
    if not isinstance(name, str) or not NAME.fullmatch(name):
        hint = "a name is of letters, digits and `_`, and does not begin with a digit"
        return Problem(f"`{name}` cannot be the name of a field", loc, hint)
    try:
        return name, _part(given)
    except ShapeError as error:
        return _under(name, error.problems[0])


def _part(given: object) -> Field:
    for kind in get_args(Kind):
        if given == kind or (given, kind) == ("text", "str"):
            return Scalar(kind)
    return _compound(given, get_args(Kind), FIELD)


def _single(given: object) -> Text | Choice | Range:
    if given in ("text", "str"):
        return Text()
    return _compound(given, ("text",), ANSWER)


def _compound(given: object, words: tuple[str, ...], hint: str) -> Choice | Range:
    if not isinstance(given, str):
        raise _error(given, "is no shape of an answer", hint)
    if "|" in given:
        return _choice(given)
    if bounds := RANGE.fullmatch(given):
        return _range(given, int(bounds[1]), int(bounds[2]))
    close = get_close_matches(given, words, n=1)
    raise _error(
        given, "is no shape of an answer", f"a similar name is known: `{close[0]}`" if close else hint
    )


def _choice(given: str) -> Choice:
    options = tuple(" ".join(option.split()) for option in given.split("|"))
    if "" in options:
        raise _error(given, "has an empty choice", "a choice is written `easy | hard`")
    if len(set(options)) < len(options):
        raise _error(given, "offers a choice twice", "choices differ from each other")
    if UNPRINTABLE.search("".join(options)):
        raise _error(given, "offers what nobody can read", "choices are of letters, digits and signs")
    return Choice(options)


def _range(given: str, low: int, high: int) -> Range:
    if low == high:
        raise _error(given, "leaves no choice", "the ends of a range differ")
    if low > high:
        raise _error(given, "is an empty range", f"the lower end comes first: `{high}..{low}`")
    if max(-low, high) > LARGEST:
        raise _error(given, "is too wide a range", f"whole numbers go up to {LARGEST}")
    return Range(low, high)


def _error(given: object, flaw: str, hint: str) -> ShapeError:
    shown = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False, default=str)
    text = shown[:LONGEST].encode(errors="backslashreplace").decode()
    return ShapeError(Problem(f"`{text}` {flaw}", hint=hint))


def _under(name: str, problem: Problem) -> Problem:
    return replace(problem, loc=(name, *problem.loc))


def _written(shape: Shape | Field) -> object:
    match shape:
        case Text() | Line():
            return "str"
        case Scalar(kind):
            return kind
        case Choice(options):
            return " | ".join(options)
        case Range(low, high):
            return f"{low}..{high}"
        case Fields(parts):
            return {name: _written(part) for name, part in parts}
        case Items(of) | Weighed(of):
            return {"list" if isinstance(shape, Items) else "weighed": _written(of)}
        case _:
            assert_never(shape)
