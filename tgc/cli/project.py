"""Commands about the project and the installation: init, ls, doctor."""

import shlex
from pathlib import Path

import click

from tgc.cli.shared import home, root
from tgc.errors import UsageError, WarehouseError

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
@click.option("--migrate", is_flag=True, help="Bring the warehouse of an older tgc to the shape of this one.")
@click.option(
    "--repair-wal", is_flag=True, help="Open a warehouse whose log is damaged, without what follows."
)
@root
def doctor(migrate: bool, repair_wal: bool, root: Path | None) -> None:
    """Say what works here, what is missing, and how to get it."""
    from tgc import health

    if repair_wal:
        _repair(_there(home(root).database))
    if migrate:
        _migrate(_there(home(root).database))
    findings = health.examine(home(root))
    for finding in findings:
        click.echo(f"{'ok' if finding.ok else 'no':<4}{finding.what:<18}{finding.says}")
    if missing := [finding for finding in findings if not finding.ok and finding.needed]:
        raise UsageError(f"{missing[0].what} does not work", missing[0].says)
    click.echo("all that is needed works", err=True)


def _there(database: Path) -> Path:
    if not database.exists():
        raise WarehouseError("there is no warehouse here yet", "`tgc build RECIPE` makes one")
    return database


def _migrate(database: Path) -> None:
    from tgc.warehouse import Warehouse

    with Warehouse.open(database):
        click.echo("the warehouse has the shape that this tgc reads", err=True)


def _repair(database: Path) -> None:
    from tgc.warehouse import repair

    done = repair(database)
    if done is None:
        click.echo("the log of the warehouse is whole", err=True)
    else:
        click.echo(f"left out {done.lost:,} bytes of the log, which is as it was in {done.aside}", err=True)


COMMANDS = (init, ls, doctor)
