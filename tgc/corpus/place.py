"""Where a recipe and its levels are written."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tgc import source
from tgc.errors import RecipeError, Span
from tgc.project import Project
from tgc.source import Document

FOLDERS = ("recipes", ".")
"""Where a project has recipes."""


@dataclass(frozen=True, slots=True)
class Place:
    """A level of a recipe as of its last build.

    Attributes:
        span: where it is written; None where no recipe of the project says so now.
    """

    recipe: str
    level: str
    span: Span | None


def place(home: Project, recipe: str, level: str) -> Place:
    """Where a level is written in the recipe of that name."""
    written = level.partition(".")[0]
    for _, document in _named(home, recipe):
        if document.holds("tree", written):
            return Place(recipe, level, document.key("tree", written))
    return Place(recipe, level, None)


def file(home: Project, recipe: str) -> Path:
    """The file of the recipe of that name, or one where it would be."""
    missing = home.root / "recipes" / "missing.yaml"
    return next((path for path, _ in _named(home, recipe)), missing)


def _named(home: Project, recipe: str) -> Iterator[tuple[Path, Document]]:
    for folder in FOLDERS:
        for path in sorted((home.root / folder).glob("*.yaml")):
            document = _read(path, home)
            if document and document.holds("name") and document.get("name") == recipe:
                yield path, document


def _read(path: Path, home: Project) -> Document | None:
    try:
        return source.assemble(path, path.relative_to(home.root).as_posix(), home.root)
    except RecipeError:
        return None
