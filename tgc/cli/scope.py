"""How much of a recipe a command is about: options, and the question before nodes are forgotten."""

import sys
from functools import wraps
from typing import TYPE_CHECKING

import click

from tgc.counts import count
from tgc.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tgc.backends.base import Backend
    from tgc.driver import Compiled
    from tgc.planner.scope import Scope

TERMS = "`name`, `+name` with those above, `name+` with those below, `tag:x` or `state:modified`"


def scoped(command: "Callable[..., None]") -> "Callable[..., None]":
    """Give a command `--select`, `--exclude`, `--limit` and `--full-refresh`, as one argument `scope`."""

    @click.option("-s", "--select", multiple=True, metavar="LEVELS", help=f"Grow these levels only: {TERMS}.")
    @click.option("--exclude", multiple=True, metavar="LEVELS", help="Grow all levels but these.")
    @click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Ask models for N nodes at most.")
    @click.option("--full-refresh", "afresh", is_flag=True, help="Forget what models wrote, and ask again.")
    @wraps(command)
    def wrapped(
        *, select: tuple[str, ...], exclude: tuple[str, ...], limit: int | None, afresh: bool, **given: object
    ) -> None:
        from tgc.planner.scope import Scope

        if afresh and (select or exclude or limit):
            hint = "leave out `--select`, `--exclude` and `--limit`"
            raise UsageError("`--full-refresh` makes the whole tree afresh", hint)
        command(scope=Scope(select, exclude, limit, afresh), **given)

    return wrapped


def confirm(compiled: "Compiled", scope: "Scope", backend: "Backend") -> None:
    """Ask whether to forget what there is, naming how much that is and what it costs to make it again.

    Raises:
        UsageError: there is nobody to ask, or the answer is no.
    """
    from tgc import driver
    from tgc.render import plan as screen

    planned = driver.plan(compiled, scope)
    if not len(planned.forgotten):
        return
    nodes = f"{count(len(planned.forgotten), 'node')} of {planned.program.name}"
    what = f"forget {nodes} and ask for {planned.asks:,} again"
    if not sys.stdin.isatty():
        raise UsageError(f"`--full-refresh` would {what}", "`--yes` does so without a question")
    cost = screen.cost(driver.forecast(compiled, planned, backend))
    if not click.confirm(f"{what} ({cost})?", err=True):
        raise UsageError("nothing was forgotten")
