"""What a recipe is looked up in: folders, the warehouse, and the commits of a lock."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tgc import source
from tgc.errors import Diagnostic, RecipeError, nearest
from tgc.lower import rows

Answer = Callable[[str], Iterable[Mapping[str, object]]]
"""What the warehouse says to a query: rows by column."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a recipe is looked up in.

    Attributes:
        root: the project's directory; nothing outside of it is read, but for models and bundled templates.
        search: directories of templates, the first that has one wins.
        answer: the warehouse, for levels that take their values from it.
        spare: where models and data are looked for that are neither beside the recipe nor in the project.
        pins: the commits that models from a hub stand for, by a lock; see `models.reference` for the names.
    """

    root: Path
    search: tuple[Path, ...]
    answer: Answer = lambda _: ()
    spare: tuple[Path, ...] = ()
    pins: Mapping[str, str] = field(default_factory=dict)

    def folders(self, home: Path) -> tuple[Path, ...]:
        """Where data and models are looked for that a recipe in the folder `home` names, in this order."""
        return home, self.root, *self.spare

    def data(self, home: Path, name: str) -> Path:
        """Where the data file or folder is that a recipe in the folder `home` calls by that name.

        Raises:
            RecipeError: it is not there, or outside of the project.
        """
        folders = self.folders(home)
        places = [folder / name for folder in folders]
        path = next((place for place in places if _is_there(place)), None)
        homes = (self.root, *self.spare)
        if all(source.leads_out(place, *homes) for place in ([path] if path else places)):
            hint = "what a recipe reads lies in the project"
            raise RecipeError([Diagnostic("unsafe-path", f"`{name}` is outside of the project", None, hint)])
        if path is None:
            known = nearest(name, _neighbours(name, folders))
            hint = known or "it is looked up beside the recipe, then in the project"
            raise RecipeError([Diagnostic("missing-file", f"there is no data file `{name}`", None, hint)])
        return path


def _is_there(path: Path) -> bool:
    return source.is_file(path) or source.is_directory(path)


def _neighbours(name: str, folders: tuple[Path, ...]) -> tuple[str, ...]:
    """The data files and folders that lie where `name` would."""
    homes = [(folder / name).parent for folder in folders]
    found = [path for home in homes if source.is_directory(home) for path in home.iterdir()]
    data = [path.name for path in found if rows.is_data(path) or source.is_directory(path)]
    return tuple(str(Path(name).parent / file) for file in data)
