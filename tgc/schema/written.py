"""How shapes are written, as JSON Schema, for whoever edits a recipe."""

from typing import get_args

from tgc.schema.shapes import Choice, Kind, Range, Shape, Weighed

CHOICE = r"^\s*[^\s|][^|]*(\|\s*[^\s|][^|]*)+$"
RANGE = r"^\s*-?[0-9]{1,16}\s*\.\.\s*-?[0-9]{1,16}\s*$"
FIELD = r"^(?!(list|weighed)$)[A-Za-z_][A-Za-z0-9_]*$"

Written = dict[str, object]


def written(*kinds: type[Shape]) -> Written:
    """What may stand for a shape; with `kinds`, for one of these: of choices, ranges and what is weighed.

    It cannot tell a choice that is offered twice, nor a range whose ends are the same or the wrong way round.
    """
    if kinds:
        return _one_of(*(_NOTATIONS[kind] for kind in kinds))
    return _one_of(_TEXT, _NOTATIONS[Choice], _NOTATIONS[Range], _NOTATIONS[Weighed], _FIELDS, _LIST)


def _one_of(*notations: Written) -> Written:
    return {"anyOf": list(notations)}


_TEXT: Written = {"enum": ["text", "str"], "description": "Free text."}
_CHOICE: Written = {"type": "string", "pattern": CHOICE, "description": "One of several: `easy | hard`."}
_RANGE: Written = {
    "type": "string",
    "pattern": RANGE,
    "description": "A whole number, both ends included: `1..5`.",
}
_WEIGHED: Written = {
    "type": "object",
    "description": "How likely each of up to 100 options is, of which none is drawn: `{weighed: 1..5}`.",
    "properties": {"weighed": _one_of(_CHOICE, _RANGE)},
    "required": ["weighed"],
    "additionalProperties": False,
}
_NOTATIONS: dict[type[Shape], Written] = {Choice: _CHOICE, Range: _RANGE, Weighed: _WEIGHED}
_FIELDS: Written = {
    "type": "object",
    "description": "Fields by name: `{question: str, difficulty: easy | hard}`.",
    "minProperties": 1,
    "propertyNames": {"pattern": FIELD},
    "additionalProperties": _one_of({"enum": ["text", *get_args(Kind)]}, _CHOICE, _RANGE),
}
_LIST: Written = {
    "type": "object",
    "description": "A list, of which every item becomes a child: `{list: str}`.",
    "properties": {"list": _one_of(_TEXT, _CHOICE, _FIELDS)},
    "required": ["list"],
    "additionalProperties": False,
}
