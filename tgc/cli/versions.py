"""Commands about a recipe's revisions in git: diff, gc."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.cli.shared import home, near, root, variables
from tgc.counts import count
from tgc.errors import UsageError

if TYPE_CHECKING:
    from tgc.versions import Difference, Survey

recipe = click.argument("recipe", type=click.Path(path_type=Path))


@click.command()
@recipe
@click.argument("revisions", nargs=-1, metavar="[REV1 [REV2]]")
@root
@variables
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
@click.option("--exit-code", is_flag=True, help="Leave with 1 when anything differs.")
def diff(
    recipe: Path,
    revisions: tuple[str, ...],
    root: Path | None,
    variables: dict[str, str],
    form: str,
    exit_code: bool,
) -> None:
    """Show what changes in a recipe between two git revisions, and what the change costs.

    REV1 is `HEAD` if not given, and is compared with the working tree if there is no REV2. Nothing is checked
    out or written.
    """
    from tgc import versions
    from tgc.render import diff as screen

    if len(revisions) > 2:  # noqa: PLR2004  # a difference has two sides
        raise click.UsageError("at most two revisions can be compared")
    difference = versions.diff(recipe, root, revisions, variables)
    click.echo(screen.as_json(difference) if form == "json" else screen.explain(difference))
    click.echo(_next(difference), err=True)
    if exit_code and difference.diff.differs:
        sys.exit(1)


@click.command()
@root
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--ignore", "ignored", multiple=True, metavar="REV", help="A revision that is not in use.")
def gc(root: Path | None, dry_run: bool, yes: bool, ignored: tuple[str, ...]) -> None:
    """Drop the nodes that no recipe in use reaches.

    In use are the recipes of the working tree, and those of all branches, tags and linked working trees. What is
    part of a recipe's last build stays too, and so does what a mix cites.
    """
    from tgc import versions
    from tgc.render import gc as screen

    project = home(root)
    database = near(project.database)

    def agree(survey: "Survey") -> bool:
        click.echo(screen.explain(survey, database))
        nodes = len(survey.dropped)
        return nodes > 0 and (yes or _confirmed(f"drop {count(nodes, 'node')}?"))

    if dry_run:
        found = versions.survey(project, ignored)
        click.echo(screen.explain(found, database))
        if len(found.dropped):
            click.echo("nothing was dropped; `tgc gc` drops them", err=True)
        return
    dropped = versions.collect(project, ignored, agree)
    done = f"{count(len(dropped.dropped), 'node')} dropped" if dropped else "nothing was dropped"
    click.echo(done, err=True)


COMMANDS = (diff, gc)


def _confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask whether to go on", "`--yes` says so beforehand")
    return click.confirm(question, err=True)


def _next(difference: "Difference") -> str:
    if not difference.diff.differs:
        return "nothing to do: whatever was built stays as it is"
    if difference.after.is_now:
        return "nothing has been run; `tgc build` carries it out"
    return "nothing has been run; `tgc plan` shows what a build would do now"
