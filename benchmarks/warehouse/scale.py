"""What is asked of a large warehouse, and how long it takes: `python benchmarks/warehouse/scale.py HOME`.

HOME is a project that `generate.py` made. Reads are medians of nine by a process that opened the file once;
the plan is a process of its own, from reading the recipe on. Batches are appended to the same file and to an empty
one, in turn, so that what ten million held nodes cost is a ratio; then the file has some thousand nodes more.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tgc import driver, fingerprint, project
from tgc.catalog import FAILURES, NODES, PICKS, VERDICTS
from tgc.warehouse import Warehouse, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tgc.fingerprint import Ids
    from tgc.warehouse import Reader

NAME = "scale"
SAMPLE = 30
ROUNDS = 9
SLOW = 2.0
"""Seconds; what takes longer is asked once."""
BATCHES = 60
STATISTICS = "select level, count(*), avg(completion_tokens) from nodes group by all"
TEXTS = "select sum(strlen(text)) from nodes where recipe = 'scale'"
STREAMED = """
select count(*), sum(list_sum(list_transform(messages, lambda message: strlen(message.content))))
from conversations where recipe = 'scale'
"""


def main() -> None:
    """Print a line for everything that is asked."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--plan", action="store_true", help="plan, and say how long it took")
    given = parser.parse_args()
    if given.plan:
        print(json.dumps(planned(given.home)))
        return
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before")
    driver.migrate(driver.check(given.home / "recipes" / "scale.yaml"))
    size(given.home)
    plan(given.home)
    reads(given.home)
    appends(given.home)
    rewrites(given.home)
    print(f"peak RSS of this process {peak():.1f} GB, load average {os.getloadavg()[0]:.1f} after")


def size(home: Path) -> None:
    """How large the file is beside its texts, and how long it takes to open it again."""
    path = project.Project(home).database
    seconds = timed(lambda: counted(path, "select 1"))
    nodes = counted(path, "select count(*) from nodes")
    texts = counted(path, TEXTS)
    ratio = path.stat().st_size / texts
    print(f"{nodes:,} nodes, {texts / 1e6:,.0f} MB of text, {ratio:.2f} of it on disk")
    say("second open, to the first answer", seconds)


def counted(path: Path, query: str) -> int:
    """One number that a query gives."""
    with read(path) as reader:
        assert reader is not None
        return int(reader.sql(query).item())


def plan(home: Path) -> None:
    """Plan in processes of their own."""
    runs = [json.loads(output([sys.executable, __file__, str(home), "--plan"])) for _ in range(3)]
    seconds, most, steps = (median(run[place] for run in runs) for place in range(3))
    say("plan, all held", seconds, f"peak RSS {most:.1f} GB, {steps:.0f} nodes missing")


def planned(home: Path) -> tuple[float, float, int]:
    """Seconds and peak of one plan, and how many nodes it finds missing."""
    compiled = driver.check(home / "recipes" / "scale.yaml")
    start = time.perf_counter()
    found = driver.plan(compiled)
    return time.perf_counter() - start, peak(), found.new


def reads(home: Path) -> None:
    """Ask what people ask."""
    with read(project.Project(home).database) as reader:
        assert reader is not None
        for what, ask in questions(reader):
            first = timed(ask)
            seconds = [first] if first > SLOW else [timed(ask) for _ in range(ROUNDS)]
            say(what, median(seconds), f"first {first * 1e3:,.1f} ms")


def questions(reader: Reader) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is asked, and how."""
    some = sample(reader)
    names = iter([fingerprint.spell(int(node)) for node in some] * 9)
    nodes = iter([some[place : place + 1] for place in range(len(some))] * 9)
    yield "lineage of one row, `tgc show`", lambda: reader.paths(next(nodes))
    yield "lineage of one row, SQL", lambda: reader.sql(f"select * from lineage('{next(names)}')")
    yield (
        "its levels and texts alone, SQL",
        lambda: reader.sql(f"select level, text from lineage('{next(names)}')"),
    )
    yield "one conversation, SQL", lambda: reader.sql(f"select * from conversation('{next(names)}')")
    yield "lineages of 4,096 rows", lambda: reader.paths(sample(reader, 4096))
    yield "statistics by level", lambda: reader.sql(STATISTICS)
    yield (
        "`nodes` where node_id is",
        lambda: reader.sql(f"select * from nodes where node_id = '{next(names)}'"),
    )
    yield "all texts", lambda: reader.sql(TEXTS)
    yield "ten conversations", lambda: reader.sql("select * from conversations limit 10")
    yield "all conversations", lambda: reader.sql(STREAMED)


def sample(reader: Reader, count: int = SAMPLE) -> Ids:
    """Replies from all over the file."""
    held = reader.sql(
        "select node_id from nodes where level = 'reply' using sample reservoir(5000) repeatable (1)"
    )
    ids = [int(spelled, 16) for spelled in held["node_id"][:count]]
    return np.array(ids, dtype=np.uint64)


def appends(home: Path) -> None:
    """Append batches to the file and to an empty one, in turn."""
    with tempfile.TemporaryDirectory(dir=home) as beside:
        large = Warehouse.open(project.Project(home).database)
        small = Warehouse.open(Path(beside) / "tgc.duckdb")
        with large, small:
            for rows in (64, 256):
                both = [(appended(large, rows, turn), appended(small, rows, turn)) for turn in range(BATCHES)]
                report(rows, both)


def appended(warehouse: Warehouse, rows: int, turn: int) -> float:
    """Seconds of one batch."""
    batch = made(rows, turn)
    nothing = pl.DataFrame(schema=PICKS), pl.DataFrame(schema=FAILURES)
    return timed(lambda: warehouse.append("beside", batch, *nothing))


def made(rows: int, turn: int) -> pl.DataFrame:
    """Nodes that are not held, or not yet."""
    numbers = np.arange(rows, dtype=np.uint64) + np.uint64(turn * rows + rows * 1_000_000)
    ids = fingerprint.children("beside", numbers, numbers)
    keys = [f"{number:032x}" for number in numbers.tolist()]
    plain = {"node_id": ids, "text": [f"{key} " * 10 for key in keys], "request_key": keys}
    rest = {"parent_id": 0, "level": "text", "ordinal": 0, "depth": 0, "run_id": 1}
    frame = pl.DataFrame(plain).with_columns(**{name: pl.lit(value) for name, value in rest.items()})
    missing = [pl.lit(None, kind).alias(name) for name, kind in NODES.items() if name not in frame.columns]
    return frame.with_columns(*missing).select(*NODES)


def report(rows: int, both: list[tuple[float, float]]) -> None:
    """A line about batches of a size."""
    large, small = ([pair[place] for pair in both[1:]] for place in (0, 1))
    worst = quantiles(large, n=20)[-1]
    say(f"append {rows} rows", median(large), f"p95 {worst * 1e3:.1f} ms, empty {median(small) * 1e3:.1f} ms")


def rewrites(home: Path) -> None:
    """Do what a build does that finds everything there: nothing is to be written."""
    path = project.Project(home).database
    with Warehouse.open(path) as warehouse:
        members = dict(warehouse.catalog(NAME).members)
        fewer = {**members, "reply": members["reply"][1000:]}
        say("keep what is kept", timed(lambda: warehouse.keep(NAME, members)))
        say("keep a thousand less", timed(lambda: warehouse.keep(NAME, fewer)))
        say("keep a thousand more", timed(lambda: warehouse.keep(NAME, members)))
        verdicts = judged(members["reply"])
        say(
            "judge for the first time",
            timed(lambda: warehouse.judge(NAME, [verdicts])),
            f"{verdicts.height:,}",
        )
        say("judge the same", timed(lambda: warehouse.judge(NAME, [verdicts])))
    say("close and open", timed(lambda: Warehouse.open(path).__exit__(None, None, None)))


def judged(node_ids: Ids) -> pl.DataFrame:
    """What a filter might say."""
    frame = pl.DataFrame({"node_id": node_ids}).with_columns(
        recipe=pl.lit(NAME),
        filter=pl.lit("length"),
        kept=pl.col("node_id") % 10 > 0,
        score=(pl.col("node_id") % 512).cast(pl.Float64),
        of=pl.lit(None, pl.UInt64),
    )
    reason = pl.when("kept").then(None).otherwise(pl.lit("it is too short"))
    return frame.with_columns(reason=reason).select(*VERDICTS)


def timed(what: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def output(command: list[str]) -> str:
    """What a process prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def peak() -> float:
    """Gigabytes that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def say(what: str, seconds: float, more: str = "") -> None:
    """One line."""
    spelled = f"{seconds * 1e3:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"
    print(f"{what:<36}{spelled:>12}  {more}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
