"""How long named queries take in a project, each in a process: `python benchmarks/warehouse/queries.py HOME`."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

from tgc import project
from tgc.warehouse import read

WORDS = {"search": {"words": "light"}}
"""What has to be set."""


def main() -> None:
    """Print seconds and memory of each query."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("query", nargs="?")
    given = parser.parse_args()
    if given.query:
        ask(given.home, given.query)
    else:
        for name in project.Project(given.home).files("warehouse/queries", "sql"):
            subprocess.run([sys.executable, __file__, str(given.home), name], check=True)


def ask(home: Path, name: str) -> None:
    """Print what one query takes, and what the process takes at its peak."""
    home_of = project.Project(home)
    text = home_of.files("warehouse/queries", "sql")[name].read_text(encoding="utf-8")
    with read(home_of.database) as reader:
        if reader is None:
            raise SystemExit(f"there is no warehouse in {home}")
        started, worked = time.perf_counter(), time.process_time()
        rows = reader.sql(text, **WORDS.get(name, {})).height
        seconds, work = time.perf_counter() - started, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name:12} {seconds:7.2f} s, {work:6.2f} s of CPU  {peak:5.1f} GB  {rows:7,} rows", flush=True)


if __name__ == "__main__":
    main()
