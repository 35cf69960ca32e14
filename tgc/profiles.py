"""Where recipes run: `profiles.yaml`, backends with their options under names."""

from typing import Annotated, cast

from pydantic import ConfigDict, Field, PlainValidator, ValidationError

from tgc import registry
from tgc.backends.base import Backend
from tgc.errors import Diagnostic, RecipeError, UsageError, nearest
from tgc.recipe import wording
from tgc.recipe.section import Section, plugin
from tgc.source import Document

Option = Annotated[Backend, PlainValidator(plugin("backends"))]


class Profiles(Section):
    """Backends by name, and which of them is meant when none is named."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Option] = Field(init=False)

    default: str

    def named(self, name: str) -> Backend:
        """The backend of that profile.

        Raises:
            UsageError: there is none.
        """
        known = self.__pydantic_extra__
        if name not in known:
            raise UsageError(f"there is no profile `{name}`", nearest(name, known))
        return known[name]


def parse(document: Document) -> Profiles:
    """The profiles in a document.

    Raises:
        RecipeError: keys, types or ranges are wrong; all of them at once.
    """
    try:
        profiles = Profiles.model_validate(document.value)
    except ValidationError as error:
        flaws = [wording.explain(details, document, document) for details in error.errors()]
        raise RecipeError(flaw.problem for flaw in flaws if flaw.problem) from error
    if profiles.default not in (profiles.__pydantic_extra__ or {}):
        problem = f"`default` names no profile: `{profiles.default}`"
        hint = nearest(profiles.default, profiles.__pydantic_extra__ or ())
        raise RecipeError([Diagnostic("unknown-profile", problem, document.at("default"), hint)])
    return profiles


def best() -> Backend:
    """What runs without any profile: torch on the best device there is."""
    return cast("Backend", registry.plugins("backends")["torch"]())
