"""The recipes in use: of the working tree, of every branch and tag, and of what work trees have checked out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from tgc import history, ir, source
from tgc.errors import RecipeError
from tgc.history import Repository, Revision
from tgc.project import PROFILES, Project
from tgc.versions import compiled

FOLDERS = ("recipes", ".")
"""Where a project has recipes."""


@dataclass(frozen=True, slots=True)
class Use:
    """A recipe in use: the revision that has it, empty for the working tree, its path, and what it says.

    Attributes:
        program: None where the recipe does not compile, so that nobody knows what it needs.
    """

    revision: str
    path: str
    program: ir.Program | None

    @property
    def shown(self) -> str:
        """The recipe as git spells it."""
        return f"{self.revision}:{self.path}" if self.revision else self.path


def uses(home: Project, ignored: Iterable[str]) -> tuple[Use, ...]:
    """Every recipe in use; what reads the same at several revisions is there once.

    Args:
        home: the project.
        ignored: revisions to leave out.

    Raises:
        UsageError: a revision to leave out is unknown.
    """
    git = history.repository(home.root)
    here = tuple(_here(home))
    return (*here, *_elsewhere(home, git, ignored)) if git else here


def _here(home: Project) -> Iterator[Use]:
    files = (
        path
        for folder in FOLDERS
        for suffix in source.SUFFIXES
        for path in (home.root / folder).glob(f"*{suffix}")
    )
    for path in sorted(files):
        if _is_recipe(path.name, path.read_bytes()):
            yield Use("", str(path.relative_to(home.root)), _tried(partial(compiled.here, path, home)))


def _elsewhere(home: Project, git: Repository, ignored: Iterable[str]) -> Iterator[Use]:
    left_out = {git.named(name) for name in ignored}
    root = git.relative(home.root) or PurePosixPath()
    revisions = (Revision(git, name, commit) for name, commit in git.tips() if commit not in left_out)
    seen: set[object] = set()
    for revision in revisions:
        for path in _recipes(revision, root):
            inputs = tuple(revision.inputs(path, root).items())
            if inputs not in seen:
                seen.add(inputs)
                yield Use(revision.name, str(path), _tried(partial(compiled.at, revision, path, root, home)))


def _recipes(revision: Revision, root: PurePosixPath) -> list[PurePosixPath]:
    files = (path for path in revision.tree.below(root) if path.suffix in source.SUFFIXES)
    placed = (path for path in files if str(path.parent.relative_to(root)) in FOLDERS)
    return [path for path in placed if _is_recipe(path.name, revision.read(path))]


def _is_recipe(name: str, content: bytes) -> bool:
    """Whether a file is a recipe, or meant to be one; profiles and what recipes include are not."""
    if any(PurePosixPath(profiles).name == name for profiles in PROFILES):
        return False
    try:
        value = source.parse(content.decode("utf-8", "replace"), name).value
    except RecipeError:
        return True
    return isinstance(value, dict) and "name" in value


def _tried(program: Callable[[], ir.Program]) -> ir.Program | None:
    try:
        return program()
    except RecipeError:
        return None
