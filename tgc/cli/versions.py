"""Commands about a recipe's revisions in git: diff, gc."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.cli.shared import root

if TYPE_CHECKING:
    from tgc.versions import Difference

recipe = click.argument("recipe", type=click.Path(path_type=Path))


@click.command()
@recipe
@click.argument("revisions", nargs=-1, metavar="[REV1 [REV2]]")
@root
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
@click.option("--exit-code", is_flag=True, help="Leave with 1 when anything differs.")
def diff(recipe: Path, revisions: tuple[str, ...], root: Path | None, form: str, exit_code: bool) -> None:
    """Show what changes in a recipe between two git revisions, and what the change costs.

    REV1 is `HEAD` if not given, and is compared with the working tree if there is no REV2. Nothing is checked out or
    written.
    """
    from tgc import versions
    from tgc.render import diff as screen

    if len(revisions) > 2:  # noqa: PLR2004  # a difference has two sides
        raise click.UsageError("at most two revisions can be compared")
    difference = versions.diff(recipe, root, revisions)
    click.echo(screen.as_json(difference) if form == "json" else screen.explain(difference))
    click.echo(_next(difference), err=True)
    if exit_code and difference.diff.differs:
        sys.exit(1)


COMMANDS = (diff,)


def _next(difference: "Difference") -> str:
    if not difference.diff.differs:
        return "nothing to do: whatever was built stays as it is"
    if difference.after.is_now:
        return "nothing has been run; `tgc build` carries it out"
    return "nothing has been run; `tgc plan` shows what a build would do now"
