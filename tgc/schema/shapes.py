"""What shapes there are: frozen values, for a shape is identity."""

from dataclasses import dataclass
from typing import Literal, assert_never

LARGEST = 2**53 - 1
"""Numbers beyond, either way, are not the same to every reader of JSON (RFC 7493)."""

MOST_WEIGHED = 100
"""Options that are weighed; among more, an answer is found faster token by token."""

Kind = Literal["str", "int", "number", "bool"]


@dataclass(frozen=True, slots=True)
class Text:
    """Free text; written `text` or `str`."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of at least two texts; written `easy | hard`."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A whole number, both ends included; written `1..5`."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """A field of that type."""

    kind: Kind


Field = Scalar | Choice | Range


@dataclass(frozen=True, slots=True)
class Fields:
    """Named parts, in this order; written `{question: str, difficulty: easy | hard}`."""

    fields: tuple[tuple[str, Field], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text that says something; what a list of texts is made of."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list, of which every answer is one item; written `{list: str}` or `{list: {question: str}}`."""

    of: Line | Choice | Fields


@dataclass(frozen=True, slots=True)
class Weighed:
    """How likely each of up to MOST_WEIGHED options is, of which none is drawn; written `{weighed: 1..5}`."""

    of: Choice | Range

    @property
    def options(self) -> tuple[str, ...]:
        """What the answer might be, in the order written.

        >>> Weighed(Range(1, 3)).options
        ('1', '2', '3')
        """
        match self.of:
            case Choice(options):
                return options
            case Range(low, high):
                return tuple(map(str, range(low, high + 1)))
            case _:
                assert_never(self.of)


Single = Text | Line | Choice | Range | Fields | Weighed
Shape = Single | Items


def single(shape: Shape) -> Single:
    """The shape of one answer: of a list, that of an item."""
    return shape.of if isinstance(shape, Items) else shape


def scale(shape: Shape) -> Shape:
    """What an answer comes down to: of weighed options their choice or range, else the shape itself."""
    return shape.of if isinstance(shape, Weighed) else shape


def fields(shape: Shape) -> frozenset[str] | None:
    """The names that a template may ask of an answer; None where it is plain text."""
    match single(shape):
        case Fields(parts):
            return frozenset(name for name, _ in parts)
        case Weighed() as weighed:
            return frozenset(weighed.options)
        case _:
            return None
