"""A project on disk: where its recipes, templates, warehouse and profiles are."""

import os
from dataclasses import dataclass
from pathlib import Path

from tgc import assets, profiles, source
from tgc.backends.base import Backend
from tgc.errors import RecipeError, UsageError

PROFILES = ("recipes/profiles.yaml", "profiles.yaml")
BESIDE = ("templates", "warehouse")
PROFILE_VARIABLE = "TGC_PROFILE"


@dataclass(frozen=True, slots=True)
class Project:
    """A directory with `recipes/`, `templates/` and `warehouse/`; tgc writes only under `warehouse/`."""

    root: Path

    @property
    def database(self) -> Path:
        """The warehouse's file."""
        return self.root / "warehouse" / "tgc.duckdb"

    @property
    def templates(self) -> tuple[Path, ...]:
        """Where templates are looked for: the project's own, then those that ship with tgc."""
        return (self.root / "templates", assets.root() / "templates")

    @property
    def shelves(self) -> tuple[Path, ...]:
        """The same as a user would name them, from the working directory where they are below it."""
        return tuple(map(_from_here, self.templates))

    def prepare(self) -> None:
        """Make the warehouse's directory, with a `.gitignore` for what is generated.

        Raises:
            UsageError: tgc may not write there.
        """
        ignore = self.database.parent / ".gitignore"
        try:
            self.database.parent.mkdir(parents=True, exist_ok=True)
            if not ignore.exists():
                ignore.write_bytes((assets.root() / "warehouse" / ".gitignore").read_bytes())
        except OSError as error:
            raise UsageError(f"tgc cannot write to `{self.database.parent}`: {error.strerror}") from error

    def output(self, recipe: str) -> Path:
        """Where the mix of a recipe goes."""
        return self.root / "warehouse" / "mixes" / recipe

    def report(self, recipe: str) -> Path:
        """Where the report on a recipe goes."""
        return self.root / "warehouse" / "reports" / f"{recipe}.html"

    @property
    def vectors(self) -> Path:
        """Where the vectors of texts are kept."""
        return self.root / "warehouse" / "vectors"

    def files(self, folder: str, suffix: str) -> dict[str, Path]:
        """Files of a folder by stem, sorted; the project's own shadow those that ship with tgc."""
        found: dict[str, Path] = {}
        for home in (assets.root(), self.root):
            found |= {path.stem: path for path in (home / folder).glob(f"*.{suffix}")}
        return dict(sorted(found.items()))

    @property
    def recipes(self) -> dict[str, Path]:
        """Recipes by the name of their file, the project's own and those that ship with tgc."""
        return {
            name: path for name, path in self.files("recipes", "yaml").items() if path.name not in PROFILES
        }

    def namesake(self, recipe: Path, name: str) -> Path | None:
        """Another recipe beside this one that has the same name, and so would overwrite its mix."""
        for path in sorted(recipe.parent.glob("*.yaml")):
            if not path.samefile(recipe) and _says(path, name, self.root):
                return path
        return None

    @property
    def here(self) -> Path:
        """The project's directory as it is spelled from the working directory, if it is not above that."""
        return _from_here(self.root)

    def backend(self, profile: str | None) -> Backend:
        """The backend of a profile: the one named, else of `TGC_PROFILE`, else the file's default, else torch.

        Raises:
            RecipeError: `profiles.yaml` is wrong.
            UsageError: there is no such profile.
        """
        name = profile or os.environ.get(PROFILE_VARIABLE)
        path = next((path for path in PROFILES if (self.root / path).is_file()), None)
        if path is None and name is not None:
            raise UsageError(f"there is no profile `{name}`", f"profiles are written in `{PROFILES[0]}`")
        if path is None:
            return profiles.best()
        return profiles.chosen(source.load(self.root / path, path), name)


def find(start: Path, root: Path | None = None) -> Project:
    """The project at `root`, else the nearest at or above `start`, a recipe or a directory; else that directory.

    A directory is a project when it has a `recipes/` beside a `templates/` or a `warehouse/`; what a recipe lies
    in is one when it is called `recipes`.
    """
    if root is not None:
        return Project(root.resolve())
    directory = (start if start.is_dir() else start.parent).resolve()
    for candidate in (directory, *directory.parents):
        if (candidate / "recipes").is_dir() and any((candidate / name).is_dir() for name in BESIDE):
            return Project(candidate)
    return Project(directory.parent if directory.name == "recipes" else directory)


def _from_here(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _says(path: Path, name: str, root: Path) -> bool:
    try:
        value = source.assemble(path, str(path), root).value
    except RecipeError:
        return False
    return isinstance(value, dict) and value.get("name") == name and "tree" in value
