"""A new project: real files of the gallery, copied, and the schema by which editors know recipes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from tgc import assets, lower, source
from tgc.errors import UsageError, nearest
from tgc.recipe import jsonschema

SCHEMA = "recipes/recipe.schema.json"
"""Made anew every time, with the plug-ins that are installed; the recipes of the gallery point at it."""


def gallery() -> dict[str, Path]:
    """The recipes that ship with tgc, by name."""
    return {path.stem: path for path in sorted((assets.root() / "recipes").glob("*.yaml"))}


def begin(directory: Path, recipe: str) -> list[Path]:
    """Copy a recipe of the gallery and the templates it uses into a directory; the files written, in order.

    The recipe comes first, the schema of recipes last.

    Raises:
        UsageError: there is no such recipe, or another file of that name is there already; nothing is overwritten.
    """
    recipes = gallery()
    if recipe not in recipes:
        raise UsageError(f"the gallery has no recipe `{recipe}`", nearest(recipe, recipes))
    copies = {directory / path.relative_to(assets.root()): path for path in _files(recipes[recipe])}
    taken = next((target for target, origin in copies.items() if _differs(target, origin)), None)
    if taken is not None:
        raise UsageError(f"`{taken}` is there already", "name another directory, or move the file away")
    for target, origin in copies.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, target)
    (directory / SCHEMA).write_text(jsonschema.text(jsonschema.recipe()), encoding="utf-8")
    return [*copies, directory / SCHEMA]


def _differs(target: Path, origin: Path) -> bool:
    return target.exists() and target.read_bytes() != origin.read_bytes()


def _files(recipe: Path) -> Iterator[Path]:
    home = assets.root()
    search = home / "templates"
    document = source.assemble(recipe, str(recipe), home)
    program = lower.from_document(document, lower.Around(home, (search,))).program
    templates = [template for level in program.levels for template in level.templates]
    names = {name for template in templates for name in (template.name, *dict(template.partials))}
    yield recipe
    yield from sorted(search / name for name in names if name.endswith(".j2"))
    yield home / "warehouse" / ".gitignore"
