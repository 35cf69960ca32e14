"""What the commands share: options, the project they work in, and what the terminal wants."""

import os
import shutil
import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tgc.project import Project

WIDTH = 80
"""Columns of a page that is no terminal."""

root = click.option(
    "--project", "root", type=click.Path(path_type=Path, file_okay=False), help="Project directory."
)
variables = click.option(
    "--vars",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    callback=lambda _, __, given: _assigned("--vars", given),
    help="Another value for one of the recipe's `vars`, as YAML; may be given again.",
)
settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=lambda _, __, given: _assigned("--set", given),
    help="A value for `$NAME` in the query; may be given again.",
)
offline = click.option(
    "--offline",
    is_flag=True,
    callback=lambda _, __, given: _offline(given),
    help="Ask no hub: models from one are in the local cache.",
)


def terms(command: "Callable[..., None]") -> "Callable[..., None]":
    """Give a command the options `--locked` and `--offline`, as one argument `terms`."""

    @click.option("--locked", is_flag=True, help="Fail where models or data are not as the lock says.")
    @offline
    @wraps(command)
    def wrapped(*, locked: bool, offline: bool, **given: object) -> None:
        from tgc.lock import Terms

        command(terms=Terms(locked, offline), **given)

    return wrapped


def home(root: Path | None) -> "Project":
    """The project named, or the one that the working directory is in."""
    from tgc import project

    return project.find(Path.cwd(), root)


def colourful() -> bool:
    """Whether stderr is a terminal that wants colour (https://no-color.org)."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def columns() -> int:
    """How wide the lines of stdout are: as the terminal, or 80 columns where it is none."""
    return shutil.get_terminal_size((WIDTH, 0)).columns if sys.stdout.isatty() else WIDTH


def near(path: Path) -> str:
    """A path as short as can be from here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _offline(given: bool) -> bool:
    if given:
        os.environ["HF_HUB_OFFLINE"] = "1"  # read by huggingface_hub when it is imported, which is later
    return given


def _assigned(option: str, given: tuple[str, ...]) -> dict[str, str]:
    for text in given:
        if text.find("=") < 1:
            raise UsageError(f"`{option} {text}` gives no value to a name", f"write `{option} name=value`")
    return {name: value for name, _, value in (text.partition("=") for text in given)}
