"""The commands as functions: paths in, values out, nothing printed. `tgc` itself offers them by name."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import MappingProxyType

from tgc import driver, project
from tgc.driver import Compiled
from tgc.errors import Diagnostic, RecipeError, WarehouseError
from tgc.executor import Outcome
from tgc.executor.watch import Silent, Watch
from tgc.planner.steps import Plan
from tgc.warehouse import Reader, read

PathGiven = str | PathLike[str]
Vars = Mapping[str, object]

NO_VARS: Vars = MappingProxyType({})


def check(
    recipe: PathGiven,
    *,
    project: PathGiven | None = None,
    vars: Vars = NO_VARS,  # noqa: A002 - the recipe's word
) -> tuple[Diagnostic, ...]:
    """All that is wrong with a recipe, and what is worth a warning, in the order of its lines.

    Args:
        recipe: the YAML file.
        project: the project's directory; the nearest one above the recipe if not given.
        vars: other values for some of the recipe's `vars`.
    """
    try:
        return _compiled(recipe, project, vars).warnings
    except RecipeError as error:
        return error.diagnostics


def plan(
    recipe: PathGiven,
    *,
    project: PathGiven | None = None,
    vars: Vars = NO_VARS,  # noqa: A002
) -> Plan:
    """What a build would do now, and why; creates nothing.

    Raises:
        RecipeError: the recipe is wrong.
        WarehouseError: who holds the warehouse cannot be asked.
    """
    return driver.plan(_compiled(recipe, project, vars))


def build(
    recipe: PathGiven,
    *,
    project: PathGiven | None = None,
    vars: Vars = NO_VARS,  # noqa: A002
    profile: str | None = None,
    watch: Watch | None = None,
) -> Outcome | None:
    """Generate what is missing, then filter, mix and emit; None when there is nothing to do.

    Args:
        recipe: the YAML file.
        project: the project's directory; the nearest one above the recipe if not given.
        vars: other values for some of the recipe's `vars`.
        profile: where to generate, from `profiles.yaml`.
        watch: looks on, and may stop the build; nobody if not given.

    Raises:
        BackendError: a model cannot be loaded.
        RecipeError: the recipe is wrong.
        WarehouseError: another build holds the warehouse.
    """
    compiled = _compiled(recipe, project, vars)
    return driver.build(compiled, watch or Silent(), compiled.project.backend(profile))


def mix(
    recipe: PathGiven,
    *,
    project: PathGiven | None = None,
    vars: Vars = NO_VARS,  # noqa: A002
    partial: bool = False,
) -> Outcome | None:
    """Filter, mix and emit what is held; never calls a model; None when that mix was emitted already.

    Args:
        recipe: the YAML file.
        project: the project's directory; the nearest one above the recipe if not given.
        vars: other values for some of the recipe's `vars`.
        partial: whether to mix a tree in which nodes are missing.

    Raises:
        RecipeError: the recipe is wrong.
        WarehouseError: nodes are missing, or a build holds the warehouse.
    """
    return driver.mix(_compiled(recipe, project, vars), partial=partial)


def report(
    recipe: PathGiven,
    *,
    out: PathGiven | None = None,
    project: PathGiven | None = None,
    vars: Vars = NO_VARS,  # noqa: A002
) -> Path:
    """Write one HTML page about a recipe, and say where it is; never calls a model.

    Args:
        recipe: the YAML file.
        out: where to; `warehouse/reports/NAME.html` in the project if not given.
        project: the project's directory; the nearest one above the recipe if not given.
        vars: other values for some of the recipe's `vars`.

    Raises:
        RecipeError: the recipe is wrong.
        UsageError: tgc may not write there.
        WarehouseError: the recipe has never been built, or who holds the warehouse cannot be asked.
    """
    return driver.reported(_compiled(recipe, project, vars), Path(out) if out else None)


@contextmanager
def open(directory: PathGiven = ".") -> Iterator[Reader]:  # noqa: A001 - the verb for what is shut again
    """The warehouse of a project, read-only, for as long as the block lasts; `sql` gives polars frames.

    Args:
        directory: the project's, or one within it.

    Raises:
        WarehouseError: there is none yet, or who holds it cannot be asked.
    """
    with read(project.find(Path(directory)).database) as reader:
        if reader is None:
            raise WarehouseError("there is no warehouse here yet", "`tgc.build(recipe)` makes one")
        yield reader


def _compiled(recipe: PathGiven, project: PathGiven | None, given: Vars) -> Compiled:
    as_yaml = {name: json.dumps(value, ensure_ascii=False) for name, value in given.items()}
    return driver.check(Path(recipe), Path(project) if project else None, as_yaml)
