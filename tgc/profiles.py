"""Where recipes run: `profiles.yaml`, backends with their options under names."""

from collections.abc import Iterator
from typing import Annotated, cast

from pydantic import ConfigDict, Field, PlainValidator, ValidationError

from tgc import registry
from tgc.backends.base import Backend
from tgc.errors import Diagnostic, RecipeError, UsageError, nearest
from tgc.recipe import flaws
from tgc.recipe.section import Plugin, Section
from tgc.source import Document

Option = Annotated[Backend, PlainValidator(Plugin("backends"))]


class Profiles(Section):
    """Backends by name, and which of them is meant when none is named."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Option] = Field(init=False)

    default: str | None = None
    """The profile that is meant when none is named."""

    def named(self, name: str) -> Backend:
        """The backend of that profile.

        Raises:
            UsageError: there is none.
        """
        known = self.__pydantic_extra__
        if name not in known:
            raise UsageError(f"there is no profile `{name}`", nearest(name, known))
        return known[name]


def chosen(document: Document, name: str | None) -> Backend:
    """The backend of the profile of that name; without one, of the default, which an only profile is.

    Raises:
        RecipeError: what `parse` finds, or there are several profiles and no `default`.
        UsageError: there is no such profile.
    """
    profiles = parse(document)
    name = name or profiles.default
    if name is None:
        hint = "name one of them: `default: …`"
        problem = Diagnostic(
            "missing-key", "there are several profiles and no `default`", document.at(), hint
        )
        raise RecipeError([problem])
    return profiles.named(name)


def parse(document: Document) -> Profiles:
    """The profiles in a document; an only one is the default where none is given.

    Raises:
        RecipeError: keys, types or ranges are wrong; all of them at once.
    """
    profiles, problems = _read(document)
    names = [name for name in _mapping(document) if name != "default"]
    problems += _mistakes(document, profiles.default, names)
    if problems:
        raise RecipeError(problems)
    only = names[0] if len(names) == 1 else None
    return profiles.model_copy(update={"default": profiles.default or only})


def best() -> Backend:
    """What runs without any profile: torch on the best device there is."""
    return cast("Backend", registry.plugins("backends")["torch"]())


def _read(whole: Document) -> tuple[Profiles, list[Diagnostic]]:
    document, problems = whole, list[Diagnostic]()
    while True:
        try:
            return Profiles.model_validate(_mapping(document)), problems
        except ValidationError as error:
            found = [*flaws.explain_together(error.errors(), whole, document)]
            problems += [flaw.problem for flaw in found if flaw.problem]
            document = document.without(flaw.loc for flaw in found)


def _mapping(document: Document) -> dict[str, object]:
    if isinstance(document.value, dict):
        return document.value
    message, hint = "profiles should be a mapping of names to backends", "such as `local: {backend: torch}`"
    raise RecipeError([Diagnostic("wrong-type", message, document.at(), hint)])


def _mistakes(document: Document, default: str | None, names: list[str]) -> Iterator[Diagnostic]:
    if default is not None and default not in names:
        message, hint = f"`default` names no profile: `{default}`", nearest(default, names)
        yield Diagnostic("unknown-profile", message, document.at("default"), hint)
    elif not names:
        yield Diagnostic("missing-key", "there is no profile", document.at(), "add `local: {backend: torch}`")
