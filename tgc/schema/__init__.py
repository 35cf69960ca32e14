"""The shape of an answer: what a recipe may ask for, its JSON Schema, and reading an answer back."""

from tgc.schema.form import json_schema
from tgc.schema.notation import Problem, ShapeError, parse, spell
from tgc.schema.reading import NAMING_FIELDS, Answer, read
from tgc.schema.shapes import (
    MOST_WEIGHED,
    Choice,
    Field,
    Fields,
    Items,
    Line,
    Range,
    Scalar,
    Shape,
    Single,
    Text,
    Weighed,
    fields,
    scale,
    single,
)

__all__ = [
    "MOST_WEIGHED",
    "NAMING_FIELDS",
    "Answer",
    "Choice",
    "Field",
    "Fields",
    "Items",
    "Line",
    "Problem",
    "Range",
    "Scalar",
    "Shape",
    "ShapeError",
    "Single",
    "Text",
    "Weighed",
    "fields",
    "json_schema",
    "parse",
    "read",
    "scale",
    "single",
    "spell",
]
