"""What shapes there are: frozen values, for a shape is identity."""

from dataclasses import dataclass
from typing import Literal

LARGEST = 2**53 - 1
"""Numbers beyond, either way, are not the same to every reader of JSON (RFC 7493)."""

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


Shape = Text | Line | Choice | Range | Fields | Items


def single(shape: Shape) -> Text | Line | Choice | Range | Fields:
    """The shape of one answer: of a list, that of an item."""
    return shape.of if isinstance(shape, Items) else shape


def fields(shape: Shape) -> frozenset[str] | None:
    """The names that a template may ask of an answer; None where it is plain text."""
    whole = single(shape)
    return frozenset(name for name, _ in whole.fields) if isinstance(whole, Fields) else None
