"""What the commands share: `--project` and `--vars`, the project they work in, and what the terminal wants."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.errors import UsageError

if TYPE_CHECKING:
    from tgc.project import Project

root = click.option(
    "--project", "root", type=click.Path(path_type=Path, file_okay=False), help="Project directory."
)
variables = click.option(
    "--vars",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    callback=lambda _, __, given: _assigned(given),
    help="Another value for one of the recipe's `vars`, as YAML; may be given again.",
)


def home(root: Path | None) -> "Project":
    """The project named, or the one that the working directory is in."""
    from tgc import project

    return project.Project(root) if root else project.find(Path.cwd())


def colourful() -> bool:
    """Whether stderr is a terminal that wants colour (https://no-color.org)."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def _assigned(given: tuple[str, ...]) -> dict[str, str]:
    for text in given:
        if text.find("=") < 1:
            raise UsageError(f"`--vars {text}` gives no value to a name", "write `--vars name=value`")
    return {name: value for name, _, value in (text.partition("=") for text in given)}
