"""A recipe as it is at a revision, compiled from a copy of the files it reads; the checkout is not touched."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from types import MappingProxyType

from tgc import ir, lock, lower, passes, source
from tgc.errors import Diagnostic, RecipeError
from tgc.history import Revision
from tgc.project import Project
from tgc.warehouse import answer

NO_VARS: Mapping[str, str] = MappingProxyType({})


def at(
    revision: Revision,
    recipe: PurePosixPath,
    root: PurePosixPath,
    home: Project,
    variables: Mapping[str, str] = NO_VARS,
) -> ir.Program:
    """The program of a recipe at a revision.

    Models and data that the revision does not have are looked for in the project as it is now.

    Args:
        revision: a commit.
        recipe: the recipe's path in the repository at that commit.
        root: the project's.
        home: the project as it is now.
        variables: other values for those of the recipe's `vars` that it has at that commit, as YAML.

    Raises:
        RecipeError: all that is wrong with the recipe; what it is shown as is `<revision>:<path>`.
    """
    inputs = tuple(revision.inputs(recipe, root))
    with TemporaryDirectory(prefix="tgc-") as folder:
        copy = Path(folder).resolve()
        revision.copy(inputs, copy)
        try:
            spare = (home.root / recipe.relative_to(root).parent, home.root)
            return _program(copy / recipe, Project(copy / root), home.database, spare, variables)
        except RecipeError as error:
            shown = (_shown(problem, f"{copy}/", f"{revision.name}:") for problem in error.diagnostics)
            raise RecipeError(shown) from error


def here(recipe: Path, home: Project) -> ir.Program:
    """The program of a recipe of the working tree, whatever other recipes there are.

    Raises:
        RecipeError: all that is wrong with the recipe.
    """
    return _program(recipe, home, home.database, ())


def _program(
    recipe: Path,
    within: Project,
    database: Path,
    spare: tuple[Path, ...],
    variables: Mapping[str, str] = NO_VARS,
) -> ir.Program:
    locked = lock.beside(recipe)
    pins = locked.pins if locked else {}
    around = lower.Around(within.root, within.templates, partial(answer, database), spare, pins)
    document = source.assemble(recipe, str(recipe), within.root)
    known = {name: text for name, text in variables.items() if document.has("vars", name)}
    document = source.override(document, known)
    return passes.optimize(lower.from_document(document, around).program)


def _shown(problem: Diagnostic, copy: str, name: str) -> Diagnostic:
    """A diagnostic with paths as git spells them."""
    span = replace(problem.span, path=problem.span.path.replace(copy, name)) if problem.span else None
    hint = problem.hint.replace(copy, name) if problem.hint else None
    return replace(problem, message=problem.message.replace(copy, name), span=span, hint=hint)
