"""Commands that take a recipe and carry it out: plan, build, mix."""

import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.cli.scope import confirm, scoped
from tgc.cli.shared import colourful, near, root, terms, variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tgc.backends.base import Backend
    from tgc.driver import Compiled
    from tgc.executor import Outcome
    from tgc.lock import Terms
    from tgc.planner.estimate import Estimate
    from tgc.planner.scope import Scope
    from tgc.planner.steps import Plan

recipe = click.argument("recipe", type=click.Path(path_type=Path))
profile = click.option("--profile", help="Where to generate, from `profiles.yaml`.")
quiet = click.option("-q", "--quiet", is_flag=True, help="Only the result and errors.")
EXIT = {"done": 0, "failed": 1, "interrupted": 130}
silent = click.option("--no-progress", is_flag=True, help="No progress line.")


def checked(command: "Callable[..., None]") -> "Callable[..., None]":
    """Give a command a recipe and the options to read it with, as one argument `compiled`; warnings are shown."""

    @recipe
    @root
    @variables
    @terms
    @wraps(command)
    def wrapped(
        *, recipe: Path, root: Path | None, variables: "Mapping[str, str]", terms: "Terms", **given: object
    ) -> None:
        from tgc import driver
        from tgc.render import diagnostics

        compiled = driver.check(recipe, root, variables, terms)
        if compiled.warnings:
            click.echo(diagnostics.human(compiled.warnings, colour=colourful()), err=True)
        command(compiled=compiled, **given)

    return wrapped


@click.command()
@checked
@scoped
@profile
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
def plan(
    compiled: "Compiled",
    scope: "Scope",
    profile: str | None,
    form: str,
) -> None:
    """Show what a build would do and why; nothing is run or written."""
    from tgc import driver
    from tgc.render import plan as screen

    backend = compiled.project.backend(profile)
    planned = driver.plan(compiled, scope)
    estimate = driver.forecast(compiled, planned, backend)
    if form == "json":
        click.echo(screen.as_json(planned, estimate, backend.spelled))
    else:
        click.echo(screen.explain(planned, estimate, backend.backend, near(compiled.project.database)))
    _note(estimate)
    if form == "human" and planned.steps:
        click.echo("nothing has been run; `tgc build` carries it out", err=True)


@click.command()
@checked
@scoped
@click.option("--yes", is_flag=True, help="Ask no question before `--full-refresh` forgets.")
@profile
@quiet
@silent
def build(
    compiled: "Compiled",
    scope: "Scope",
    yes: bool,
    profile: str | None,
    quiet: bool,
    no_progress: bool,
) -> None:
    """Generate what is missing, then filter, mix and emit."""
    from tgc import driver
    from tgc.cli.progress import Progress
    from tgc.render.outcome import nothing_selected

    backend = compiled.project.backend(profile)
    if scope.afresh and not yes:
        driver.migrate(compiled)
        confirm(compiled, scope, backend)
    watch = Progress(None if quiet else sys.stderr, _explainer(compiled, backend), counting=not no_progress)
    with watch.interruptible():
        outcome = driver.build(compiled, watch, backend, scope)
    if outcome is None and (scope.select or scope.exclude):
        click.echo(nothing_selected(compiled.program.name))
    else:
        _conclude(compiled, outcome)


@click.command()
@checked
@click.option("--partial", is_flag=True, help="Mix what there is, though nodes are missing.")
@quiet
@silent
def mix(compiled: "Compiled", partial: bool, quiet: bool, no_progress: bool) -> None:
    """Filter, mix and emit what has been generated; never calls a model."""
    from tgc import driver
    from tgc.cli.progress import Progress

    watch = Progress(None if quiet else sys.stderr, counting=not no_progress)
    with watch.ended():
        outcome = driver.mix(compiled, watch, partial=partial)
    _conclude(compiled, outcome)


COMMANDS = (plan, build, mix)


def _explainer(compiled: "Compiled", backend: "Backend") -> "Callable[[Plan, Estimate], str]":
    from tgc.render import plan as screen

    database = near(compiled.project.database)

    def explain(planned: "Plan", estimate: "Estimate") -> str:
        _note(estimate)
        return screen.explain(planned, estimate, backend.backend, database)

    return explain


def _note(estimate: "Estimate") -> None:
    for note in estimate.notes:
        click.echo(f"note: {note}", err=True)


def _conclude(compiled: "Compiled", outcome: "Outcome | None") -> None:
    """Say where the result is, and leave with the exit code that tells how it went."""
    from tgc.render import outcome as screen

    program = compiled.program
    directory = near(compiled.project.output(program.name))
    if outcome is None:
        click.echo(screen.up_to_date(program.name, directory))
        return
    click.echo(screen.summary(outcome, directory))
    sys.exit(EXIT[outcome.status])
