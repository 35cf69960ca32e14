"""Commands about the project and the installation: init, ls, doctor."""

import shlex
from pathlib import Path

import click

from tgc.cli.shared import home, root
from tgc.errors import UsageError

THINGS = ("levels", "filters", "formats", "readers", "backends", "recipes", "queries")


@click.command()
@click.argument("directory", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--recipe", default="quickstart", show_default=True, help="A recipe of the gallery.")
def init(directory: Path, recipe: str) -> None:
    """Begin a project with a recipe of the gallery and the templates it uses."""
    from tgc import scaffold

    written = scaffold.begin(directory, recipe)
    for path in written:
        click.echo(path)
    move = "" if directory == Path() else f"cd {shlex.quote(str(directory))} && "
    click.echo(f"next: {move}tgc build {written[0].relative_to(directory)}", err=True)


@click.command()
@click.argument("things", required=False, type=click.Choice(THINGS))
@root
def ls(things: str | None, root: Path | None) -> None:
    """List what there is to use in a recipe; with the name of a list, its options too."""
    from tgc.render import inventory

    entries = inventory.entries(home(root))
    click.echo(inventory.one(entries[things]) if things else inventory.every(entries))


@click.command()
@root
def doctor(root: Path | None) -> None:
    """Say what works here, what is missing, and how to get it."""
    from tgc import health

    findings = health.examine(home(root))
    for finding in findings:
        click.echo(f"{'ok' if finding.ok else 'no':<4}{finding.what:<18}{finding.says}")
    if missing := [finding for finding in findings if not finding.ok and finding.needed]:
        raise UsageError(f"{missing[0].what} does not work", missing[0].says)
    click.echo("all that is needed works", err=True)


COMMANDS = (init, ls, doctor)
