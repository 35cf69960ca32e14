"""How fast 200,000 rows are taken by their shares out of 7,200,000: `python benchmarks/refine/quotas.py`.

Rows are of 501 topics, whose sizes follow Zipf's law, and of nine languages; they come in the order in which they
are to be taken. Beside it stands a statement of DuckDB that takes the first rows of each topic, from memory: it is
told how many these are, and takes no others where a topic has fewer.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from itertools import islice

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc.mixing.shares.quotas import Quota, taken
from tgc.warehouse.arrow import Stream

TOPICS, LANGUAGES = 501, 9
RUNS = 3
FIRST = """
select count(*) from (
    select row_number() over (partition by topic order by row) as place from given
) where place <= ?
"""


def main() -> None:
    """Print a line per case: the rows taken, and the best of some runs."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--rows", type=int, default=7_200_000)
    parser.add_argument("--size", type=int, default=200_000)
    given = parser.parse_args()
    dice = np.random.default_rng(0)
    topics, languages = drawn(dice, TOPICS, given.rows), drawn(dice, LANGUAGES, given.rows)
    even = Quota(topics, np.ones(TOPICS))
    roots = Quota(topics, np.sqrt(np.bincount(topics, minlength=TOPICS)))
    tongues = Quota(languages, np.ones(LANGUAGES))
    load = os.getloadavg()[0]
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}"
    )
    print(f"{given.size:,} of {given.rows:,} rows")
    timed("DuckDB, the first of each topic", by_window(topics, given.size))
    for name, quotas in {
        "even topics": [even],
        "topics by the root of what there is": [roots],
        "even topics and languages": [even, tongues],
    }.items():
        timed(name, lambda quotas=quotas: len(list(islice(taken(quotas, given.rows), given.size))))  # type: ignore[misc]


def drawn(dice: np.random.Generator, values: int, rows: int) -> NDArray[np.int64]:
    """Values of rows, the first of them the most frequent."""
    shares = 1 / np.arange(1, values + 1)
    return dice.choice(values, rows, p=shares / shares.sum())


def by_window(topics: NDArray[np.int64], size: int) -> Callable[[], int]:
    """How many rows are the first of their topics."""
    connection = duckdb.connect()
    connection.register("held", Stream(pl.DataFrame({"row": np.arange(len(topics)), "topic": topics})))
    connection.execute("create table given as from held")
    return lambda: int(connection.execute(FIRST, [size // TOPICS]).fetchall()[0][0])


def timed(name: str, take: Callable[[], int]) -> None:
    """Print a line."""
    seconds = []
    for _ in range(RUNS):
        started = time.perf_counter()
        rows = take()
        seconds.append(time.perf_counter() - started)
    print(f"{name:<40} {rows:>9,} rows {min(seconds):>7.2f} s", flush=True)


if __name__ == "__main__":
    main()
