"""The command that writes a page about a recipe: report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tgc.cli.recipes import checked
from tgc.cli.shared import near

if TYPE_CHECKING:
    from tgc.driver import Compiled

STDOUT = Path("-")


@click.command()
@checked
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Where to; `-` is stdout. `warehouse/reports/NAME.html` if not given.",
)
def report(compiled: "Compiled", out: Path | None) -> None:
    """Write one HTML page about a recipe: plan, funnel, mix, lengths, diversity, a map, samples.

    It is all in one file, which loads nothing. Asks no model, and answers while a build writes.
    """
    from tgc import driver

    if out == STDOUT:
        click.echo(driver.report(compiled).encode(), nl=False)
    else:
        click.echo(f"the report is in {near(driver.reported(compiled, out))}")


COMMANDS = (report,)
