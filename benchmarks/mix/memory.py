"""How long a mix takes of millions of conversations, and how much memory: `python benchmarks/mix/memory.py HOME`.

HOME is what `benchmarks/warehouse/generate.py` makes. Of all conversations of one turn and of two, those that the
format refuses or that say the same as others are left out, and 100,000 are taken by topics and turns, and written.
Memory is the peak of the whole process, which does nothing else; Linux only.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from tgc import lower, mixing, source
from tgc.catalog import VERDICTS
from tgc.mixing.output.emit import emit
from tgc.project import Project
from tgc.warehouse import Warehouse

if TYPE_CHECKING:
    from tgc import ir

MIX = """\
mix:
  size: {rows}
  balance: [topic]
  turns: {{1: 0.4, 2: 0.6}}
  split: {{validation: 0.02, by: question}}
  {more}
emit:
"""


def main() -> None:
    """Print what was taken of how many, the seconds until then, and the peak of memory."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--more", default="", help="a further key of the mix, as YAML")
    given = parser.parse_args()
    program, started = compiled(given.home, given.rows, given.more), time.perf_counter()
    with Warehouse.open(Project(given.home).database) as held, tempfile.TemporaryDirectory() as directory:
        told("nothing read yet", started)
        mixture = mixing.mixed(program, held.corpus(program.name), pl.DataFrame(schema=VERDICTS))
        rows, drops = mixture.selection.rows.height, mixture.selection.drops
        told(f"{rows:,} of {rows + sum(drops.values()):,} chosen", started)
        emit(program, mixture, Path(directory))
        told("written", started)


def compiled(home: Path, rows: int, more: str) -> "ir.Program":
    """The program of the project's recipe, with another mix."""
    recipe = home / "recipes" / "scale.yaml"
    head, rest = recipe.read_text("utf-8").split("mix:")
    text = head + MIX.format(rows=rows, more=more) + rest.partition("emit:\n")[2]
    return lower.from_document(source.parse(text, str(recipe)), lower.Around(home, ())).program


def told(what: str, started: float) -> None:
    """Print a line."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"{what:<40} {time.perf_counter() - started:>8.1f} s {peak:>9,.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
