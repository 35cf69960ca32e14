"""The shape of an answer: what a recipe may ask for, its JSON Schema, and reading an answer back."""

from tgc.schema.form import json_schema
from tgc.schema.notation import Problem, ShapeError, parse, spell
from tgc.schema.reading import NAMING_FIELDS, Answer, read
from tgc.schema.shapes import Choice, Field, Fields, Items, Line, Range, Scalar, Shape, Text, fields, single

__all__ = [
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
    "Text",
    "fields",
    "json_schema",
    "parse",
    "read",
    "single",
    "spell",
]
