"""A shape as JSON Schema, for whoever holds a model to it."""

from typing import assert_never

from tgc.schema.shapes import LARGEST, Choice, Field, Fields, Items, Line, Range, Scalar, Shape, Text, Weighed

INK = r"[^\s\u001c-\u001f]"
"""A character that Python does not strip: a field with one is not blank."""


LINE = rf"^[^\n\r]*{INK}[^\n\r]*$"


def json_schema(shape: Shape | Field) -> dict[str, object]:
    """What the JSON of a single answer must be; of a list, that of one item."""
    match shape:
        case Choice(options):
            return {"type": "string", "enum": list(options)}
        case Range(low, high):
            return {"type": "integer", "minimum": low, "maximum": high}
        case Text() | Line():
            return {"type": "string", "pattern": LINE} if shape == Line() else {"type": "string"}
        case Scalar():
            return _scalar(shape)
        case Items(of):
            return json_schema(of)
        case Fields() | Weighed():
            return _object(_members(shape))
        case _:
            assert_never(shape)


def _scalar(scalar: Scalar) -> dict[str, object]:
    match scalar.kind:
        case "str":
            return {"type": "string", "pattern": INK}
        case "bool":
            return {"type": "boolean"}
        case "int":
            return {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST}
        case "number":
            return {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
        case _:
            assert_never(scalar.kind)


def _members(shape: Fields | Weighed) -> dict[str, object]:
    if isinstance(shape, Weighed):
        return {option: {"type": "number", "minimum": 0} for option in shape.options}
    return {name: json_schema(part) for name, part in shape.fields}


def _object(properties: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
