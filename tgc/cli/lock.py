"""The command that writes a lock: what a recipe takes from outside of git, by its content."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.cli.shared import offline, root
from tgc.counts import count

if TYPE_CHECKING:
    from tgc.lock import Lock


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@root
@offline
def lock(recipe: Path, root: Path | None, offline: bool) -> None:  # noqa: ARG001  # its callback has done it
    """Pin models, tokenizers, chat templates and data files, in a file beside the recipe."""
    from tgc import driver
    from tgc import lock as locks

    path, held = locks.place(recipe), _held(recipe)
    found = driver.survey(recipe, root, held)
    if found == held:
        click.echo(f"{path} is up to date: {_contents(found)}")
        return
    for change in locks.changes(held, found) if held else ():
        click.echo(change, err=True)
    path.write_text(locks.write(found), encoding="utf-8", newline="\n")
    click.echo(f"{path} pins {_contents(found)}")
    click.echo("commit it beside the recipe; `tgc build --locked` holds to it", err=True)


COMMANDS = (lock,)


def _held(recipe: Path) -> "Lock | None":
    """The lock that is to be replaced; None where there is none that can be read."""
    from tgc import lock as locks
    from tgc.errors import RecipeError

    try:
        return locks.beside(recipe)
    except RecipeError:
        return None


def _contents(found: "Lock") -> str:
    return f"{count(len(found.models), 'model')} and {count(len(found.files), 'data file')}"
