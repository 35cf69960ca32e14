"""What every part of a recipe shares: frozen values, keys that are known, numbers that are numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from tgc import schema
from tgc.registry import TAGS, Kind, plugins

KINDS = ("values", "role", "prompt", "text", "score", "map")
"""The keys of which each level has exactly one: it says what the level does."""

NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
"""What can be part of a file's name everywhere: the recipe's own name, and a split's."""

Count = Annotated[int, Strict(), Field(gt=0)]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Share = Annotated[Number, Field(gt=0, lt=1)]
Word = Annotated[str, Field(min_length=1)]


def said(level: object) -> tuple[str, ...]:
    """The keys of a level, as it is written, that say what it does."""
    return tuple(kind for kind in KINDS if isinstance(level, Mapping) and kind in level)


def form(given: object) -> str:
    """Which member of a union is meant, by what is written."""
    if isinstance(given, str):
        return "as text"
    return "as mapping" if isinstance(given, Mapping | BaseModel) else "as list"


class Section(BaseModel):
    """Base of everything a recipe holds: frozen, and without keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _knows_its_keys(cls, given: object) -> object:
        if cls.model_config.get("extra") == "forbid":
            refuse_unknown_keys(cls, given)
        return given


def refuse_unknown_keys(
    section: type[BaseModel], given: object, takers: Callable[[str], Sequence[str]] = lambda _: ()
) -> None:
    """Raise pydantic's custom error `unknown_key` for the first key that `section` has no field for.

    Args:
        section: what `given` is to become.
        given: a mapping; anything else passes.
        takers: of a key, what it would be right for.
    """
    keys = given if isinstance(given, Mapping) else {}
    known = sorted(field.alias or name for name, field in section.model_fields.items())
    for key in keys:
        if key not in known:
            context = {"key": key, "known": known, "takers": takers(key)}
            raise PydanticCustomError("unknown_key", "unknown key", context)


@dataclass(frozen=True, slots=True)
class Shaped:
    """A validator of `answers`: what it gives is a shape, and one of `kinds` if any are given."""

    kinds: tuple[type[schema.Shape], ...] = ()

    def __call__(self, given: object) -> object:
        """The value as it was given.

        Raises:
            PydanticCustomError: it is no such shape.
        """
        try:
            shape = schema.parse(given)
        except schema.ShapeError as error:
            first = error.problems[0]
            context = {"loc": first.loc, "message": first.message, "hint": first.hint}
            raise PydanticCustomError("bad_shape", "not a shape", context) from error
        if self.kinds and not isinstance(shape, self.kinds):
            message = "a score is a number such as `1..5`, or a choice such as `good | bad`"
            raise PydanticCustomError(
                "bad_shape", "not a score", {"loc": (), "message": message, "hint": None}
            )
        return given


@dataclass(frozen=True, slots=True)
class Plugin:
    """A validator that makes the plug-in which a mapping's tag names, with its own options."""

    kind: Kind

    def __call__(self, given: object) -> BaseModel:
        """The plug-in.

        Raises:
            PydanticCustomError: there is none of that name, or it has no such option.
            PydanticKnownError: the value is no mapping.
        """
        if isinstance(given, BaseModel):
            return given
        if not isinstance(given, Mapping):
            raise PydanticKnownError("dict_type")
        cls = _named(self.kind, given)
        refuse_unknown_keys(cls, given)
        return cls.model_validate(given)


def _named(kind: Kind, given: Mapping[str, object]) -> type[BaseModel]:
    tag, known = TAGS[kind], plugins(kind)
    name = str(given.get(tag))
    if tag not in given:
        raise PydanticCustomError("missing_key", "missing key", {"key": tag, "known": list(known)})
    if name not in known:
        context = {"key": tag, "name": name, "known": list(known)}
        raise PydanticCustomError(f"unknown_{kind[:-1]}", "unknown name", context)
    return known[name]
