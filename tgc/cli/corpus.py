"""Commands that look into the warehouse: sql, runs."""

import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.cli.shared import columns, home, root, settings
from tgc.errors import UsageError, WarehouseError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from tgc.warehouse import Reader

FORMATS = ("table", "csv", "json", "parquet")
_NAME = re.compile(r"[\w.-]+;*")
"""What is one word is no SELECT."""
_OPTION = re.compile(r"--[\w-]+(=|$)")
form = click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)


class Asking(click.Command):
    """A command that takes what begins with a comment of SQL for a query."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments, of which what begins with two dashes and is no option is none to click either."""
        comments = (arg.startswith("--") and len(arg) > len("--") and not _OPTION.match(arg) for arg in args)
        return super().parse_args(
            ctx, [f"\n{arg}" if said else arg for arg, said in zip(args, comments, strict=True)]
        )


@click.command(cls=Asking)
@click.argument("query", required=False)
@click.option(
    "-f",
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True),
    help="Query file; `-` is stdin.",
)
@settings
@form
@root
def sql(query: str | None, path: str | None, settings: dict[str, str], form: str, root: Path | None) -> None:
    """Ask the warehouse: a SELECT, or the name of a query such as `funnel`."""
    with _warehouse(root) as (reader, queries):
        _show(reader.sql(_query(query, path, queries), **settings), form)


@click.command()
@form
@root
def runs(form: str, root: Path | None) -> None:
    """List all builds: when, which recipe at which commit, how many nodes, how long."""
    from tgc.render.frame import runs as readable

    with _warehouse(root) as (reader, _):
        frame = reader.runs()
        _show(readable(frame) if form == "table" else frame, form)


COMMANDS = (sql, runs)


@contextmanager
def _warehouse(root: Path | None) -> "Iterator[tuple[Reader, dict[str, Path]]]":
    from tgc.warehouse import read

    project = home(root)
    with read(project.database) as reader:
        if reader is None:
            raise WarehouseError("there is no warehouse here yet", "`tgc build RECIPE` makes one")
        yield reader, project.files("warehouse/queries", "sql")


def _query(query: str | None, path: str | None, named: dict[str, Path]) -> str:
    asked = (query or "").strip()
    if path is not None and asked:
        raise UsageError("a query and a file are given", "leave one of them out")
    if path is not None:
        return _read(path)
    if not asked:
        raise UsageError("there is no query", f"named queries: {', '.join(f'`{name}`' for name in named)}")
    if asked in named:
        return named[asked].read_text(encoding="utf-8")
    if _NAME.fullmatch(asked):
        raise UsageError(f"there is no query named `{asked}`", nearest(asked.rstrip(";"), named))
    return asked


def _read(path: str) -> str:
    try:
        with click.open_file(path, "rb") as file:
            return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"`{path}` is not UTF-8 text", "save the query as UTF-8") from error


def _show(frame: "pl.DataFrame", form: str) -> None:
    from tgc.render import frame as screen

    match form:
        case "parquet" if sys.stdout.isatty():
            raise UsageError(
                "a terminal shows no parquet", "`> rows.parquet` behind the command makes a file of it"
            )
        case "parquet":
            click.echo(screen.as_parquet(frame), nl=False)
        case "csv":
            click.echo(screen.as_csv(frame))
        case "json":
            click.echo(screen.as_json(frame))
        case _:
            click.echo(screen.table(frame, columns()))
