"""Reading a recipe: what is wrong with a part of it is noted, and the rest is read all the same."""

from dataclasses import dataclass

from pydantic import ValidationError

from tgc.errors import Diagnostic, RecipeError
from tgc.recipe import flaws
from tgc.recipe.recipe import Recipe
from tgc.recipe.section import said
from tgc.source import Document


@dataclass(frozen=True, slots=True)
class Reading:
    """As much of a recipe as can be understood, and what is wrong with the rest.

    Attributes:
        whole: the document as it was given.
        document: the document less what could not be understood.
    """

    recipe: Recipe
    whole: Document
    document: Document
    problems: tuple[Diagnostic, ...] = ()

    @property
    def lost(self) -> frozenset[str]:
        """Names of the levels that could not be understood, or of which it can only be guessed what they do."""
        tree = self.whole.get("tree") if self.whole.has("tree") else None
        return frozenset(filter(self._is_lost, tree if isinstance(tree, dict) else ()))

    def _is_lost(self, name: str) -> bool:
        return name not in self.recipe.tree or flaws.is_guess(self.whole, self.document, "tree", name)


def parse(document: Document) -> Recipe:
    """The recipe in a document.

    Raises:
        RecipeError: keys, types or ranges are wrong; all of them at once.
    """
    reading = read(document)
    if reading.problems:
        raise RecipeError(reading.problems)
    return reading.recipe


def read(document: Document) -> Reading:
    """The recipe in a document; what is wrong is noted, taken out, and the rest is read again.

    Raises:
        RecipeError: the document is no mapping at all.
    """
    if () in document.void:
        raise RecipeError(document.problems)
    whole, problems = document, [*document.problems, *flaws.missing(document, Recipe)]
    found = [*flaws.aimless(document)]
    problems += [flaw.problem for flaw in found if flaw.problem]
    document = document.without((*document.void, *(flaw.loc for flaw in found)))
    while True:
        try:
            return Reading(_validated(document), whole, document, tuple(problems))
        except ValidationError as error:
            found = [flaws.explain(details, whole, document) for details in error.errors()]
            problems += [flaw.problem for flaw in found if flaw.problem]
            document = document.without(flaw.loc for flaw in found)


def _validated(document: Document) -> Recipe:
    given = {"name": "recipe", "tree": {}, **(document.value if isinstance(document.value, dict) else {})}
    if isinstance(given["tree"], dict):
        given["tree"] = {name: _aimed(level) for name, level in given["tree"].items()}
    return Recipe.model_validate(given)


def _aimed(level: object) -> object:
    """A level that does not say what it does, as some level; the rest of it can be checked all the same."""
    return {"role": "user", **level} if isinstance(level, dict) and not said(level) else level
