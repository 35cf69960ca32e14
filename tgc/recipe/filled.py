"""A recipe with every default, as plain values in one order: what it says after parsing."""

from tgc.recipe.level import Generating, Level
from tgc.recipe.recipe import Recipe
from tgc.recipe.section import KINDS


def filled(recipe: Recipe) -> dict[str, object]:
    """The recipe as plain values, which mean the same when they are written down and read again.

    What is None, for lack of any default, is left out; so are fields of a level's sampling that it does not give
    anew, for their defaults are those of the recipe.
    """
    plain = _dump(recipe, {"include", "tree"})
    tree = {name: _level(level) for name, level in recipe.tree.items()}
    return {key: plain.get(key, tree) for key in type(recipe).model_fields if key in plain or key == "tree"}


def _level(level: Level) -> dict[str, object]:
    plain = _dump(level, {"sampling"})
    kind = next(key for key in KINDS if key in plain)
    given = level.sampling.model_dump(exclude_unset=True) if isinstance(level, Generating) else {}
    return {kind: plain.pop(kind), **plain, **({"sampling": given} if given else {})}


def _dump(section: Recipe | Level, without: set[str]) -> dict[str, object]:
    return section.model_dump(
        mode="json", by_alias=True, serialize_as_any=True, exclude_none=True, exclude=without
    )
