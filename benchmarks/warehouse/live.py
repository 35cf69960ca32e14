"""How soon a writing build answers, and what that costs it: `python benchmarks/warehouse/live.py`.

One process appends batches of 256 nodes without a pause, which is hundreds of times what a model writes; another
looks on: by turns it is silent, asks a small question twice a second, and asks one after another, each over a
connection of its own. Seen are how long answers take and by how much the writer slows down.
"""

from __future__ import annotations

import os
import platform
import select
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from tgc.catalog import FAILURES, NODES, PICKS, Record
from tgc.warehouse import Reader, Warehouse, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BATCH = 256
HELD = 400  # batches that are there at first
ROUNDS, SECONDS = 3, 3.0
PAUSES = {"alone": SECONDS, "asked twice a second": 0.5, "asked without a pause": 0.0}
TEXT = "what a model says in a turn of a dialogue, word by word, " * 16  # 0.9 kB
QUESTIONS: dict[str, Callable[[Reader], object]] = {
    "a count by level": lambda reader: reader.sql("select level, count(*) from nodes group by level"),
    "all builds": Reader.runs,
    "one node and what is above it": lambda reader: reader.sql("select * from lineage('00000000000186a0')"),
    "all that a plan reads": lambda reader: reader.catalog("live"),
}


def main() -> None:
    """Print latencies, how many batches were written meanwhile, and the memory that a large answer takes."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "warehouse", "tgc.duckdb")
        writer = subprocess.Popen([sys.executable, __file__, str(path)], stdin=subprocess.PIPE)
        while not written(path):
            time.sleep(0.1)
        print(f"{machine()}, DuckDB {duckdb.__version__}, polars {pl.__version__}")
        poll(path)
        pull(path, writer.pid)
        writer.communicate()
    print(f"load average {os.getloadavg()[0]:.1f} at the end")


def write(path: Path) -> None:
    """Append batches until stdin is closed; count them in a file."""
    nothing = pl.DataFrame(schema=PICKS), pl.DataFrame(schema=FAILURES)
    with Warehouse.open(path) as warehouse:
        warehouse.start("live", "", {}, {"answer": Record(1, ())}, (None, None))
        for number in count():
            warehouse.append("live", batch(number), *nothing)
            if number > HELD:
                path.with_suffix(".count").write_text(str(number))
            if select.select([sys.stdin], [], [], 0)[0]:
                return


def written(path: Path) -> int:
    """How many batches were written."""
    counted = path.with_suffix(".count")
    return int((counted.exists() and counted.read_text()) or 0)


def batch(number: int) -> pl.DataFrame:
    """Nodes of trees that are four levels deep."""
    first = number * BATCH + 1
    rows = [
        {"node_id": place, "parent_id": place - BATCH if number % 4 else 0, "level": "answer",
         "ordinal": 0, "depth": 1, "role": "assistant", "text": f"{TEXT}{place}", "request_key": f"{place:032x}",
         "run_id": 1}
        for place in range(first, first + BATCH)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=NODES)


def poll(path: Path) -> None:
    """By turns be silent, ask now and then, and ask without a pause."""
    rates: dict[str, list[float]] = {name: [] for name in PAUSES}
    times: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    for _ in range(ROUNDS):
        for name, pause in PAUSES.items():
            with rated(path, rates[name]):
                until = time.monotonic() + SECONDS
                while time.monotonic() < until:
                    if pause < SECONDS:
                        ask(path, times)
                    time.sleep(pause)
    for name, seconds in times.items():
        worst = quantiles(seconds, n=20)[-1]
        print(
            f"  {name:32} p50 {1e3 * median(seconds):5.1f} ms   p95 {1e3 * worst:5.1f} ms   {len(seconds):,} times"
        )
    alone = sum(rates["alone"])
    for name, found in rates.items():
        print(f"  {name:32} {sum(found) / ROUNDS:5.1f} batches/s   {sum(found) / alone:.2f}")


def ask(path: Path, times: dict[str, list[float]]) -> None:
    """Ask the question that was asked least."""
    name = min(times, key=lambda name: len(times[name]))
    started = time.perf_counter()
    with read(path) as reader:
        assert reader is not None
        QUESTIONS[name](reader)
    times[name].append(time.perf_counter() - started)


@contextmanager
def rated(path: Path, rates: list[float]) -> Iterator[None]:
    """Note how many batches a second are written within the block."""
    before, started = written(path), time.monotonic()
    yield
    rates.append((written(path) - before) / (time.monotonic() - started))


def pull(path: Path, writer: int) -> None:
    """Take every node at once, and see by how much the writer's memory grows at most."""
    before, started = peak(writer), time.perf_counter()
    with read(path) as reader:
        assert reader is not None
        size = reader.sql("select * from nodes").estimated_size()
    seconds = time.perf_counter() - started
    grown = peak(writer) - before
    print(f"  {size / 1e6:.0f} MB at once: {seconds:.1f} s; the writer's peak grew by {grown:.0f} MB")


def peak(process: int) -> float:
    """The most memory that a process has had, in MB (Linux)."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM"))


def machine() -> str:
    """Where this runs."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    write(Path(sys.argv[1])) if len(sys.argv) > 1 else main()
