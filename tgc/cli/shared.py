"""What the commands share: the option `--project`, the project they work in, and what the terminal wants."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tgc.project import Project

root = click.option(
    "--project", "root", type=click.Path(path_type=Path, file_okay=False), help="Project directory."
)


def home(root: Path | None) -> "Project":
    """The project named, or the one that the working directory is in."""
    from tgc import project

    return project.Project(root) if root else project.find(Path.cwd())


def colourful() -> bool:
    """Whether stderr is a terminal that wants colour (https://no-color.org)."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")
