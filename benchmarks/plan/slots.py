"""How long planning takes, and how much memory: `python benchmarks/plan/slots.py [SLOTS…]`.

Plans trees of one and ten million slots, five times each, every case in a process of its own and all cases in
turn, and prints medians. The cases that read are of `driver.plan` on a DuckDB file; in the last the answers'
level was edited, so that each might be adopted. Memory is what planning adds to what the process had before, at
its peak; Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tgc import driver, fingerprint, ir, lower, planner, project, source
from tgc.catalog import FAILURES, NODES, PICKS, Catalog
from tgc.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tgc.fingerprint import Ids
    from tgc.planner.steps import Plan

ROUNDS = 5
SIZES = (1_000_000, 10_000_000)
RECIPE = """\
name: plan
model: builtin:atlas
limits: {{nodes: 100_000_000}}
tree:
  topic: {{values: [a, b, c, d, e, f, g, h, i, j]}}
  question: {{role: user, branch: {branch}, max_tokens: 16{distinct}}}
  answer: {{role: assistant, branch: {answers}, max_tokens: 32}}
"""
DISTINCT = ", distinct: {by: mmr, oversample: 2.0}"
PURE = ("empty", "held", "half held", "branch raised", "picked")
READ = ("read, held", "read, half held", "read, edited")


def main() -> None:
    """Measure one case, if one is named, and print it as JSON; else print a table of all."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--case", choices=(*PURE, *READ))
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    if given.case:
        print(json.dumps(measured(given.case, given.sizes[0], given.home)))
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(f"numpy {np.__version__}, polars {pl.__version__}, median of {ROUNDS}")
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as home:
            table(size, Path(home))


def table(size: int, home: Path) -> None:
    """Print a row for every case of a size."""
    for case in READ:
        store(size, folder(home, case), half="half" in case)
        if "edited" in case:
            edit(folder(home, case))
    cases = (*PURE, *READ)
    rounds = [[alone(case, size, home) for case in cases] for _ in range(ROUNDS)]
    for number, case in enumerate(cases):
        seconds, peak, slots = (median(row[number][what] for row in rounds) for what in range(3))
        print(f"{slots:>12,.0f} slots, {case:<16} {seconds:>7.2f} s {peak / 2**20:>7,.0f} MiB", end="")
        print(f"{peak / slots:>5.0f} bytes a slot")


def alone(case: str, size: int, home: Path) -> tuple[float, float, float]:
    """Seconds, peak bytes and slots of one plan, in a process of its own."""
    command = [sys.executable, __file__, str(size), "--case", case, "--home", str(home)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak, slots = json.loads(out)
    return seconds, peak, slots


def measured(case: str, size: int, home: Path) -> tuple[float, int, int]:
    """Seconds of one plan, how many bytes it added to the peak, and slots."""
    plan = reading(folder(home, case)) if case in READ else pure(case, size)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the most so far is now
    before, start = memory("VmRSS"), time.perf_counter()
    planned = plan()
    seconds = time.perf_counter() - start
    return seconds, memory("VmHWM") - before, planned.held + sum(level.new for level in planned.levels)


def pure(case: str, size: int) -> Callable[[], Plan]:
    """The planner alone, given what there is."""
    of = program(size, answers=10 if case == "branch raised" else 9, distinct=case == "picked")
    planner.plan(program(100), Catalog())
    catalog = contents(case, size, of)
    return lambda: planner.plan(of, catalog)


def contents(case: str, size: int, of: ir.Program) -> Catalog:
    """What there is in a case."""
    match case:
        case "empty":
            return Catalog()
        case "held":
            return Catalog(held=union(every_slot(of)), members=every_slot(of))
        case "half held":
            return Catalog(held=union(every_slot(of))[::2])
        case "branch raised":
            before = every_slot(program(size))
            return Catalog(held=union(before), members=before)
        case _:
            return chosen(of)


def chosen(of: ir.Program) -> Catalog:
    """Every question drawn, half of them picked."""
    _, question, _ = of.levels
    topics = planner.slots(of.levels[0], np.zeros(1, dtype=np.uint64)).ids
    drawn = planner.slots(question, topics)
    picked = drawn.where(drawn.ordinals < question.branch)
    answers = planner.slots(of.levels[2], picked.ids).ids
    assert question.distinct is not None
    ranks = {planner.selector(question, question.distinct): (picked.ids, picked.ordinals)}
    return Catalog(held=np.sort(np.concatenate([topics, drawn.ids, answers])), ranks=ranks)


def reading(home: Path) -> Callable[[], Plan]:
    """The driver: what is in the warehouse is read first."""
    compiled = driver.check(home / "recipes" / "plan.yaml")
    return lambda: driver.plan(compiled)


def folder(home: Path, case: str) -> Path:
    """The project of a case that reads."""
    return home / case.replace(", ", "-").replace(" ", "-")


def edit(home: Path) -> None:
    """Ask of the answers what was never asked, where no run says so: a sample of the requests is looked up."""
    path = home / "recipes" / "plan.yaml"
    path.write_text(path.read_text("utf-8").replace("max_tokens: 32", "max_tokens: 33"), "utf-8")


def store(size: int, home: Path, *, half: bool) -> None:
    """A project whose warehouse holds every node of a tree, or every other answer."""
    (home / "recipes").mkdir(parents=True)
    (home / "recipes" / "plan.yaml").write_text(recipe(size), encoding="utf-8")
    of, parents = program(size), np.zeros(1, dtype=np.uint64)
    with Warehouse.open(project.Project(home).database) as warehouse:
        for level in of.levels:
            slots = planner.slots(level, parents)
            kept = slots.where(slice(None, None, 2)) if half and level.name == "answer" else slots
            for start in range(0, len(kept), 1_000_000):
                some = kept.where(slice(start, start + 1_000_000))
                nodes = frame(level, some.ids, some.parents, some.ordinals)
                warehouse.append(of.name, nodes, pl.DataFrame(schema=PICKS), pl.DataFrame(schema=FAILURES))
            parents = slots.ids


def frame(level: ir.Level, ids: Ids, parents: Ids, ordinals: Ids) -> pl.DataFrame:
    """Nodes with texts of their own."""
    known = pl.DataFrame({"node_id": ids, "parent_id": parents, "ordinal": ordinals}).with_columns(
        level=pl.lit(level.name),
        depth=pl.lit(level.depth),
        text=pl.format("this is what node {} says", "node_id"),
        request_key=pl.Series([fingerprint.spell(node_id) for node_id in ids.tolist()]),
        prompt_tokens=pl.lit(64),
        completion_tokens=pl.lit(16),
    )
    missing = {name: pl.lit(None) for name in NODES if name not in known.columns}
    return known.with_columns(**missing).select(*NODES)


def recipe(size: int, answers: int = 9, *, distinct: bool = False) -> str:
    """A tree of ten topics with questions, and answers to every one: so many slots, were there nine."""
    branch = size // (110 if distinct else 100)
    return RECIPE.format(branch=branch, answers=answers, distinct=DISTINCT if distinct else "")


def program(size: int, answers: int = 9, *, distinct: bool = False) -> ir.Program:
    """The program of that tree."""
    document = source.parse(recipe(size, answers, distinct=distinct), "plan.yaml")
    return lower.from_document(document, lower.Around(Path.cwd(), ())).program


def every_slot(of: ir.Program) -> dict[str, Ids]:
    """Ids of all slots of a program by level, ascending."""
    parents, found = np.zeros(1, dtype=np.uint64), {}
    for level in of.levels:
        parents = planner.slots(level, parents).ids
        found[level.name] = np.sort(parents)
    return found


def union(levels: dict[str, Ids]) -> Ids:
    """The ids of all levels, ascending."""
    return np.sort(np.concatenate(list(levels.values())))


def memory(what: str) -> int:
    """Bytes of this process by a name in Linux's `/proc/self/status`: `VmRSS` now, `VmHWM` at most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


if __name__ == "__main__":
    main()
