"""A recipe at one revision against another, or against the work tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from tgc import comparison, driver, ir, project
from tgc.catalog import Catalog, History
from tgc.comparison import Diff
from tgc.errors import UsageError, nearest
from tgc.executor.embedding import Known
from tgc.history import Repository, Revision, repository
from tgc.project import Project
from tgc.versions import compiled
from tgc.versions.compiled import NO_VARS
from tgc.warehouse import read

NOW = "working tree"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: the revision as the user named it, and the recipe's path in the repository there."""

    revision: str
    path: str

    @property
    def is_now(self) -> bool:
        """Whether it is the work tree."""
        return self.revision == NOW


@dataclass(frozen=True, slots=True)
class Difference:
    """What changes in a recipe from one side to the other."""

    recipe: str
    before: Side
    after: Side
    diff: Diff

    @property
    def renamed(self) -> bool:
        """Whether the recipe's file is called otherwise on the two sides."""
        return self.before.path != self.after.path


def diff(
    recipe: Path, root: Path | None, revisions: Sequence[str], variables: Mapping[str, str] = NO_VARS
) -> Difference:
    """What changes from one revision to another; reads the warehouse if there is one, and writes nothing.

    Args:
        recipe: the YAML file, by its name on either side.
        root: the project's directory; the nearest one above the recipe if not given.
        revisions: two, or one to compare with the work tree, or none for `HEAD` with the work tree.
        variables: other values for the recipe's `vars`, as YAML, on both sides; the earlier may have fewer.

    Raises:
        UsageError: there is no such revision, the recipe is not in it or has no such var, or there is no git here.
        RecipeError: the recipe does not compile on one of the sides.
        WarehouseError: who holds the warehouse cannot be asked.
    """
    home = project.find(recipe, root)
    git = _repository(home)
    first, *second = [Revision(git, name, git.named(name)) for name in revisions or ("HEAD",)]
    then, now = _paths(home, git, recipe, first, second[0] if second else None)
    depth = len(now.relative_to(_root(git, home)).parts)
    before = compiled.at(first, then, _above(then, depth), home, variables)
    after = _after(home, git, now, depth, second, variables)
    catalog, history = _known(home, after.name)
    sides = (Side(first.name, str(then)), Side(second[0].name if second else NOW, str(now)))
    return Difference(
        after.name, *sides, comparison.compare(before, after, catalog, history, Known(home.vectors))
    )


def _known(home: Project, recipe: str) -> tuple[Catalog, History]:
    """What is held, and how long earlier builds of the recipe took."""
    with read(home.database) as reader:
        if reader is None:
            return Catalog(), History()
        catalog = replace(reader.catalog(recipe), nodes=reader.all_nodes())
        return catalog, reader.history(recipe, catalog.members, home.backend(None).spelled)


def _after(
    home: Project,
    git: Repository,
    path: PurePosixPath,
    depth: int,
    second: list[Revision],
    variables: Mapping[str, str],
) -> ir.Program:
    if not second:
        return driver.check(_near(git.top / path), home.root, variables).program
    program = compiled.at(second[0], path, _above(path, depth), home, variables)
    known = dict(program.vars)
    for name in variables:
        if name not in known:
            place = f"{second[0].name}:{path}"
            raise UsageError(f"`{place}` has no `{name}` under `vars`", nearest(name, known))
    return program


def _repository(home: Project) -> Repository:
    git = repository(home.root)
    if git is None:
        if any((folder / ".git").exists() for folder in (home.root, *home.root.parents)):
            raise UsageError(f"git says nothing of `{home.root}`", "`git status` there says why")
        hint = "`git init`, then commit the recipes, and there is something to compare with"
        raise UsageError(f"`{home.root}` is in no git repository", hint)
    if git.head is None:
        raise UsageError(f"the git repository of `{home.root}` has no commit yet", "commit the recipes first")
    return git


def _paths(
    home: Project, git: Repository, recipe: Path, before: Revision, after: Revision | None
) -> tuple[PurePosixPath, PurePosixPath]:
    """What the recipe's file is called on either side."""
    given = git.relative(recipe)
    if given is None or not given.is_relative_to(_root(git, home)):
        raise UsageError(f"`{recipe}` is not in the project `{home.root}`", "`--project` names another one")
    later = after.commit if after else None
    is_there = after.has(given) if after else (git.top / given).is_file()
    now = given if is_there else before.since(given, later) or (after.earlier(given, None) if after else None)
    if now is None:
        where = f"in `{after.name}`" if after else "here"
        raise UsageError(f"there is no `{given}` {where}", _close(given, before, after))
    then = before.earlier(now, later)
    if then is None:
        hint = "it came later; an earlier revision can only be compared with what it has"
        raise UsageError(f"`{now}` is not in `{before.name}`, under this name or another", hint)
    return then, now


def _close(given: PurePosixPath, before: Revision, after: Revision | None) -> str | None:
    files = (after or before).tree.below(given.parent)
    return nearest(str(given), map(str, files))


def _root(git: Repository, home: Project) -> PurePosixPath:
    return git.relative(home.root.resolve()) or PurePosixPath()


def _above(path: PurePosixPath, depth: int) -> PurePosixPath:
    """The project of a recipe that lies so deep in it."""
    return path.parents[depth - 1]


def _near(path: Path) -> Path:
    """A path as short as can be from here."""
    here = Path.cwd().resolve()
    return path.relative_to(here) if path.is_relative_to(here) else path
