"""A project on disk: where its recipes, templates, warehouse and profiles are."""

import os
from dataclasses import dataclass
from pathlib import Path

from tgc import assets, profiles, source
from tgc.backends.base import Backend
from tgc.errors import UsageError

PROFILES = ("recipes/profiles.yaml", "profiles.yaml")
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

    def output(self, recipe: str) -> Path:
        """Where the mix of a recipe goes."""
        return self.root / "warehouse" / "mixes" / recipe

    def files(self, folder: str, suffix: str) -> dict[str, Path]:
        """Files of a folder by stem, sorted; the project's own shadow those that ship with tgc."""
        found: dict[str, Path] = {}
        for home in (assets.root(), self.root):
            found |= {path.stem: path for path in (home / folder).glob(f"*.{suffix}")}
        return dict(sorted(found.items()))

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
        written = profiles.parse(source.load(self.root / path, path))
        return written.named(name or written.default)


def find(start: Path) -> Project:
    """The nearest project at or above `start`, a recipe or a directory; without one, the directory itself.

    A directory is a project when it has a `recipes/` beside a `templates/` or a `warehouse/`.
    """
    directory = (start if start.is_dir() else start.parent).resolve()
    for candidate in (directory, *directory.parents):
        if (candidate / "recipes").is_dir() and any(
            (candidate / name).is_dir() for name in ("templates", "warehouse")
        ):
            return Project(candidate)
    return Project(directory)
