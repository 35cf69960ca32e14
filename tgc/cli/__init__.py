"""The command line: parse arguments, call the driver, print. Heavy imports wait inside the commands."""

import sys
from typing import Any, NoReturn

import click

from tgc import __version__
from tgc.cli import check, compiler, corpus, lock, nodes, project, recipes, report, versions
from tgc.cli.shared import colourful
from tgc.errors import RecipeError, TgcError


class Program(click.Group):
    """The group of all commands: turns what tgc and the disk say into stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's own signature
        """Run a command; exit 2 for the user's mistakes, 1 for failures, 130 when interrupted."""
        try:
            return super().invoke(ctx)
        except TgcError as error:
            _leave(error)
        except OSError as error:
            _leave(TgcError(f"the system refused: {error}"))
        except (KeyboardInterrupt, click.Abort):
            click.echo("interrupted; what was committed is kept, and the same command continues", err=True)
            sys.exit(130)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tgc")
def main() -> None:
    """Compile data recipes into training mixes that keep a model's knowledge.

    Start with `tgc init`, then `tgc build recipes/quickstart.yaml`.
    """


for command in (
    *check.COMMANDS,
    *recipes.COMMANDS,
    *compiler.COMMANDS,
    *corpus.COMMANDS,
    *nodes.COMMANDS,
    *report.COMMANDS,
    *project.COMMANDS,
    *lock.COMMANDS,
    *versions.COMMANDS,
):
    main.add_command(command)


def _leave(error: TgcError) -> NoReturn:
    from tgc.render import diagnostics

    if isinstance(error, RecipeError):
        click.echo(diagnostics.human(error.diagnostics, colour=colourful()), err=True)
    else:
        click.echo(f"error: {error.message}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
    sys.exit(error.exit_code)
