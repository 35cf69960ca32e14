"""The pipeline on one page: read → lower → optimize → plan → execute."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np

from tgc import executor, history, ir, lock, lower, passes, planner, project, reporting, source
from tgc.backends.base import Backend
from tgc.catalog import Catalog
from tgc.counts import count
from tgc.errors import Diagnostic, RecipeError, UsageError, WarehouseError
from tgc.executor import Outcome, Site
from tgc.executor.sessions import Closed, Sessions
from tgc.executor.watch import Silent, Watch
from tgc.fingerprint import Ids
from tgc.mixing.output import emit
from tgc.planner.estimate import Estimate
from tgc.planner.samples import Bare, Sample, samples
from tgc.planner.scope import ALL, Scope, afresh, verify, within
from tgc.planner.seeking import SAMPLE, worthwhile
from tgc.planner.steps import NONE, Grow, Plan, Refill, Step
from tgc.project import Project
from tgc.recipe import Recipe, parse
from tgc.source import Document
from tgc.warehouse import Reader, Warehouse, answer, read

LIVE = "a build is writing to the warehouse; this is how things were a moment ago"
"""What is worth a note in a plan."""
NONE_YET = ("there is no warehouse here yet", "`tgc build RECIPE` makes one")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A recipe that passed all checks, with what is worth a warning, and the project it belongs to."""

    program: ir.Program
    warnings: tuple[Diagnostic, ...]
    project: Project


def check(
    recipe: Path,
    root: Path | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
    terms: lock.Terms = lock.FREE,
) -> Compiled:
    """Read a recipe and everything it names, and check it all; nothing is generated or written.

    Args:
        recipe: the YAML file.
        root: the project's directory; the nearest one above the recipe if not given.
        variables: other values for some of the recipe's `vars`, as YAML.
        terms: what the models and data of the recipe have to satisfy.

    Raises:
        RecipeError: all that is wrong with the recipe, each with its place.
        UsageError: the recipe has no var of that name.
    """
    home = project.find(recipe, root)
    document = source.override(source.assemble(recipe, str(recipe), home.root), variables)
    locked = lock.beside(recipe)
    pins = locked.pins if locked else {}
    lowered = lower.from_document(document, _around(home, pins))
    if other := home.namesake(recipe, lowered.program.name):
        raise RecipeError([_shared(lowered.program.name, other, document)])
    found = lock.findings(locked, document, (recipe.parent, home.root), terms)
    if any(finding.severity == "error" for finding in found):
        raise RecipeError(found)
    return Compiled(passes.optimize(lowered.program), (*lowered.warnings, *found), home)


def survey(recipe: Path, root: Path | None = None, held: lock.Lock | None = None) -> lock.Lock:
    """The lock of a recipe as it would be written now; small files of a hub's models are downloaded.

    Args:
        recipe: the YAML file.
        root: the project's directory, as for `check`.
        held: an earlier lock, whose commits stand where no hub is to be asked.

    Raises:
        RecipeError: the recipe is wrong, or a hub does not give a model.
    """
    home = project.find(recipe, root)
    document = source.assemble(recipe, str(recipe), home.root)
    lower.from_document(document, _around(home))
    return lock.survey(document, (recipe.parent, home.root), held.pins if held else {})


def plan(compiled: Compiled, scope: Scope = ALL) -> Plan:
    """What a build would do now; reads the warehouse if there is one, and creates nothing.

    Raises:
        UsageError: the scope selects what is not there.
        WarehouseError: who holds the warehouse cannot be asked.
    """
    with read(compiled.project.database) as reader:
        return _plan(compiled, reader, scope)


def forecast(compiled: Compiled, planned: Plan, backend: Backend) -> Estimate:
    """What carrying out a plan will cost with that backend; loads no weights.

    Raises:
        WarehouseError: who holds the warehouse cannot be asked.
    """
    with read(compiled.project.database) as reader:
        found = executor.forecast(planned, reader, backend)
        return replace(found, notes=(LIVE, *found.notes)) if reader and reader.live else found


def report(compiled: Compiled) -> str:
    """A page of HTML on what a recipe has grown and made; all that it says is of one moment.

    Raises:
        WarehouseError: the recipe has never been built, or who holds the warehouse cannot be asked.
    """
    home, name = compiled.project, compiled.program.name
    with read(home.database) as reader:
        if reader is None:
            raise WarehouseError(*NONE_YET)
        found = reporting.answers(reader, name, home.output(name))
        planned = _plan(compiled, reader, ALL)
    return reporting.page(reporting.told(planned, found))


def reported(compiled: Compiled, out: Path | None = None) -> Path:
    """Write that page: to the file named, or among the project's reports; where it is.

    Raises:
        UsageError: tgc may not write there.
        WarehouseError: as `report`.
    """
    page = report(compiled)
    path = out or compiled.project.report(compiled.program.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page.encode())
    except OSError as error:
        raise UsageError(f"the report cannot be written to `{path}`: {error.strerror}") from error
    return path


def written(
    recipe: Path, root: Path | None = None, variables: Mapping[str, str] = MappingProxyType({})
) -> Recipe:
    """The recipe as its author wrote it, with what it includes and every default; no name is looked up.

    Raises:
        RecipeError: keys, types or ranges are wrong, or an included file is not there.
        UsageError: the recipe has no var of that name.
    """
    home = project.find(recipe, root)
    return parse(source.override(source.assemble(recipe, str(recipe), home.root), variables))


def sample(compiled: Compiled, count: int) -> tuple[Sample, ...]:
    """What a model would be asked for a few nodes of each level; reads the warehouse if there is one.

    Raises:
        WarehouseError: who holds the warehouse cannot be asked.
    """
    program = compiled.program
    with read(compiled.project.database) as reader:
        if reader is None:
            return samples(program, Bare(), {}, count)
        picked = planner.picked(program, reader.catalog(program.name))
        return samples(program, reader, picked, count)


def migrate(compiled: Compiled) -> None:
    """Bring the warehouse, if there is one, to the shape that this tgc reads.

    Raises:
        WarehouseError: a build holds the warehouse, or it was written by a newer tgc.
    """
    if compiled.project.database.exists():
        with Warehouse.open(compiled.project.database):
            pass


def build(compiled: Compiled, watch: Watch, backend: Backend, scope: Scope = ALL) -> Outcome | None:
    """Plan, and carry out the plan; None when there is nothing to do.

    Args:
        compiled: what to build.
        watch: looks on, and may stop the build.
        backend: where to generate, such as `compiled.project.backend(profile)`.
        scope: how much of it.

    Raises:
        BackendError: a model cannot be loaded.
        UsageError: the scope selects what is not there.
        WarehouseError: another build holds the warehouse.
    """
    home, program = compiled.project, compiled.program
    verify(program, scope)
    home.prepare()
    with Warehouse.open(home.database) as warehouse, Sessions(backend, watch) as sessions:
        planned = _plan(compiled, warehouse, scope)
        watch.planned(planned, lambda: executor.forecast(planned, warehouse, backend))
        if not planned.steps:
            return None
        site = Site(warehouse, sessions, watch, home.output(program.name), home.vectors, _commit(compiled))
        return executor.execute(planned, site)


def mix(compiled: Compiled, watch: Watch | None = None, *, partial: bool = False) -> Outcome | None:
    """Filter, mix and emit what is held; None when that mix was emitted already.

    Args:
        compiled: what to mix.
        watch: who looks on; nobody if not given.
        partial: whether to mix a tree in which nodes are missing.

    Raises:
        WarehouseError: nodes are missing, or a build holds the warehouse.
    """
    home, program, watch = compiled.project, compiled.program, watch or Silent()
    if not home.database.exists():
        raise WarehouseError(*NONE_YET)
    with Warehouse.open(home.database) as warehouse, Closed(home.backend(None), watch) as sessions:
        planned = _plan(compiled, warehouse, ALL)
        outputs = tuple(map(_held, (step for step in planned.steps if not isinstance(step, Grow))))
        if len(outputs) < len(planned.steps) and not partial:
            hint = "`tgc build` makes them; `tgc mix --partial` mixes what there is"
            are = "is" if planned.new == 1 else "are"
            raise WarehouseError(f"{count(planned.new, 'node')} of `{program.name}` {are} missing", hint)
        if not outputs:
            return None
        site = Site(warehouse, sessions, watch, home.output(program.name), home.vectors, _commit(compiled))
        return executor.execute(replace(planned, steps=outputs), site)


def _held(step: Step) -> Step:
    """The step as it is done without asking a model."""
    return replace(step, asks=False) if isinstance(step, Refill) else step


def _shared(name: str, other: Path, document: Document) -> Diagnostic:
    message = f"`{other.name}` is named `{name}` too; each would overwrite the mix of the other"
    return Diagnostic("shared-name", message, document.at("name"), "give one of them another name")


def _around(home: Project, pins: Mapping[str, str] = MappingProxyType({})) -> lower.Around:
    """What the recipes of a project are looked up in."""
    return lower.Around(home.here, home.shelves, answer=partial(answer, home.database), pins=pins)


def _plan(compiled: Compiled, reader: Reader | None, scope: Scope) -> Plan:
    """Plan by slots; look into texts only where something is missing that another node may provide."""
    program = compiled.program
    if reader is None:
        return within(program, Catalog(), scope)
    catalog = _catalog(compiled, reader, texts=program.gated)
    forgotten = _forgotten(program, catalog, reader) if scope.afresh else NONE
    planned = within(program, catalog.without(forgotten), scope)
    if planned.strangers and not program.gated and worthwhile(planned, reader.archive):
        catalog = replace(catalog, archive=reader.archive)
        planned = within(program, catalog.without(forgotten), scope)
    return afresh(planned, forgotten) if scope.afresh else planned


def _forgotten(program: ir.Program, catalog: Catalog, reader: Reader) -> Ids:
    wanted = [level.wanted for level in planner.plan(program.widest, catalog).levels]
    return reader.forgettable(program.name, np.concatenate(wanted))


def _commit(compiled: Compiled) -> history.Commit:
    program, (own, *_) = compiled.program, compiled.project.templates
    return history.commit(program.path, program.root, [own / name for name in history.templates(program)])


def _catalog(compiled: Compiled, reader: Reader, *, texts: bool) -> Catalog:
    """What is held, where a mix whose files are gone counts as not emitted."""
    catalog = replace(reader.catalog(compiled.program.name, texts), sample=SAMPLE)
    directory = compiled.project.output(compiled.program.name)
    whole = emit.is_whole(compiled.program, directory)
    return catalog if whole else replace(catalog, emitted=None)
