"""What a recipe may say, as JSON Schema for editors, straight from the classes that read it.

It is of draft 7, the latest that all of them know. Where one key decides which others there may be, it does so by
`if` and `then`, so that what is wrong is underlined where it stands. It is looser than `tgc check`: it knows no
names, and not what one key wants of another.
"""

import json
from collections.abc import Mapping
from inspect import getdoc
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from tgc.recipe.recipe import Recipe
from tgc.recipe.section import KINDS, Plugin, Shaped
from tgc.registry import TAGS, Kind, plugins
from tgc.schema.written import written

Schema = dict[str, Any]
"""JSON; Any as pydantic has it, for it is read key by key."""

DIALECT = "http://json-schema.org/draft-07/schema#"
DEFINITIONS = "definitions"


def recipe() -> Schema:
    """What a recipe may say; levels of one that includes others may be parts of levels."""
    whole = of(Recipe, "A recipe of tgc")
    level = whole["properties"]["tree"].pop("additionalProperties")
    alone = {"required": whole.pop("required"), **_tree(level)}
    including = _tree(_part(level, whole[DEFINITIONS]))
    return whole | _if({"include": {}}, including) | {"else": alone}


def text(schema: Schema) -> str:
    """A schema as the text of a file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def pointer(file: str) -> str:
    """The first line by which a recipe tells editors where its schema is, relative to itself."""
    return f"# yaml-language-server: $schema={file}"


def of(section: type[BaseModel], title: str) -> Schema:
    """What a section may say, with that title."""
    made = section.model_json_schema(ref_template=f"#/{DEFINITIONS}/{{model}}", schema_generator=_Generator)
    definitions = dict(sorted(made.pop("$defs", {}).items()))
    return {"$schema": DIALECT, "title": title, **made, DEFINITIONS: definitions}


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, which learns what our own validators want."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's signature
        """Never: a title would only repeat the key."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        """Of a class: what its fields and its docstring say; its name is nothing to an author."""
        return {key: value for key, value in super().model_schema(schema).items() if key != "title"}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        """Of what may be left out: with its default, if that is something an author would write."""
        plain = isinstance(schema.get("default"), str | int | float)
        return super().default_schema(schema) if plain else self.generate_inner(schema["schema"])

    def function_plain_schema(self, schema: core_schema.PlainValidatorFunctionSchema) -> Schema:
        """Of a plug-in: its own options, by its name."""
        validator = schema["function"]["function"]
        if isinstance(validator, Plugin):
            return self._plugin(validator.kind)
        return super().function_plain_schema(schema)

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> Schema:
        """Of a shape: how it is written."""
        validator = schema["function"]["function"]
        if isinstance(validator, Shaped):
            return written(*validator.kinds)
        return super().function_after_schema(schema)

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> Schema:
        """Of a level: by the one key that says what it does."""
        kinds = {str(tag).removeprefix("as "): choice for tag, choice in schema["choices"].items()}
        if kinds.keys() != {*KINDS}:
            return super().tagged_union_schema(schema)
        return _level({kind: self.generate_inner(kinds[kind]) for kind in KINDS})

    def _plugin(self, kind: Kind) -> Schema:
        known, tag = plugins(kind), TAGS[kind]
        says = [_sentence(cls) for cls in known.values()]
        which = {"description": f"Which of the {kind}.", "enum": [*known], "enumDescriptions": says}
        cases = [_if({tag: {"const": name}}, self._options(cls)) for name, cls in known.items()]
        return {"type": "object", "properties": {tag: which}, "required": [tag], "allOf": cases}

    def _options(self, cls: type[BaseModel]) -> Schema:
        return self.generate_inner(cls.__pydantic_core_schema__)


def _level(kinds: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": {kind: {} for kind in kinds},
        "oneOf": [{"required": [kind]} for kind in kinds],
        "allOf": [_if({kind: {}}, says) for kind, says in kinds.items()],
    }


def _if(keys: Schema, says: Schema) -> Schema:
    return {"if": {"properties": keys, "required": [*keys]}, "then": says}


def _tree(level: Schema) -> Schema:
    return {"properties": {"tree": {"additionalProperties": level}}}


def _part(level: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """What may stand on top of a level in another file: any key of any level."""
    names = [choice["then"]["$ref"].rpartition("/")[2] for choice in level["allOf"]]
    keys: Schema = {}
    for name in reversed(names):
        keys |= definitions[name]["properties"]
    return {"type": "object", "properties": keys, "additionalProperties": False}


def _sentence(cls: type[BaseModel]) -> str:
    return " ".join((getdoc(cls) or "").partition("\n\n")[0].split())
