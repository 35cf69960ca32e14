"""How long planning takes: `python benchmarks/plan/slots.py`.

Plans trees of three sizes, empty and held, each five times in turn, and prints medians.
"""

from __future__ import annotations

import platform
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from tgc import assets, lower, planner, source
from tgc.catalog import Catalog

if TYPE_CHECKING:
    from tgc import ir
    from tgc.fingerprint import Ids

ROUNDS = 5
BRANCHES = (100, 1_000, 10_000)
RECIPE = """\
name: plan
model: builtin:atlas
limits: {{nodes: 10_000_000}}
tree:
  topic: {{values: [a, b, c, d, e, f, g, h, i, j]}}
  question: {{role: user, branch: {branch}, max_tokens: 16}}
  answer: {{role: assistant, branch: 9, max_tokens: 32}}
"""


def main() -> None:
    """Print a table of slots and seconds."""
    programs = [program(branch) for branch in BRANCHES]
    cases = [(of, held) for of in programs for held in (every_slot(of)[:0], every_slot(of))]
    seconds: list[list[float]] = [[] for _ in cases]
    for _ in range(ROUNDS):
        for (of, held), times in zip(cases, seconds, strict=True):
            times.append(timed(of, Catalog(held=held)))
    print(
        f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}, median of {ROUNDS}"
    )
    for (of, held), times in zip(cases, seconds, strict=True):
        print(f"{len(every_slot(of)):>9,} slots, {len(held):>9,} held: {median(times):.3f} s")


def program(branch: int) -> ir.Program:
    """A tree of ten topics with `branch` questions each and nine answers to every one."""
    document = source.parse(RECIPE.format(branch=branch), "plan.yaml")
    return lower.from_document(document, lower.Around(Path.cwd(), (assets.root() / "templates",))).program


def every_slot(of: ir.Program) -> Ids:
    """Ids of all slots of a program, ascending."""
    parents, found = np.zeros(1, dtype=np.uint64), []
    for level in of.levels:
        parents = planner.slots(level, parents).ids
        found.append(parents)
    return np.sort(np.concatenate(found))


def timed(of: ir.Program, catalog: Catalog) -> float:
    """Seconds that one plan takes."""
    start = time.perf_counter()
    planner.plan(of, catalog)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
