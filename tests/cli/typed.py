"""Commands as a user types them, in this process: what they print, and how they leave."""

from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from tgc.cli import main


@dataclass(frozen=True, slots=True)
class Done:
    """What is left of a command."""

    returncode: int
    stdout: str
    stderr: str


def tgc(*arguments: str, cwd: Path, stdin: str = "", **environment: str) -> Done:
    """A command in that directory, away from any terminal; what it does not catch is raised."""
    with chdir(cwd):
        done = CliRunner(env={"NO_COLOR": "1", **environment}).invoke(main, arguments, input=stdin)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)
