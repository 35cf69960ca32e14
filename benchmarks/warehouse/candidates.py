"""Ways to lay out nodes, side by side: `python benchmarks/warehouse/candidates.py HOME`.

HOME is a project that `generate.py` made, a million nodes are enough. Each layout is a file of its own with the
same nodes; what it takes on disk, what a batch costs, and what is asked of it are one row.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from statistics import median

import duckdb

from tgc import project

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "storage_compatibility_version": "v1.5.0",
    "checkpoint_threshold": "1GB",
}
ROUNDS = 15
IDS = "select number, node_id, above, parent_id from src.node"
LOOKUPS = {
    "scan": ("", "select number from node where node_id = {id}"),
    "index": ("create index by_id on node (node_id)", "select number from node where node_id = {id}"),
    "addresses": (
        "create table address as select node_id, number from node order by node_id",
        "select number from address where node_id = {id}",
    ),
}
CLIMBS = {
    "by id, joined": """
        with recursive path as (
            select node_id, parent_id from node where node_id = {id}
            union all
            select node.node_id, node.parent_id from path join node on node.node_id = path.parent_id
        ) select count(*) from path""",
    "by number, joined": """
        with recursive path as (
            select number, above from node where number = {number}
            union all
            select node.number, node.above from path join node on node.number = path.above
        ) select count(*) from path""",
    "by number, `in`": """
        with recursive path as (
            select number, above from node where number = {number}
            union all
            select number, above from node where number in (select above from path)
        ) select count(*) from path""",
}
OWNED = {
    "table of members": (
        "create table member as select node_id, 'scale' as recipe, level from node order by number",
        "select member.level, count(*) from member join node using (node_id) group by all",
    ),
    "sets of owners": (
        "create table owner as select distinct owners, level from node",
        "select owner.level, count(*) from node join owner using (owners) group by all",
    ),
}


def main() -> None:
    """Print four tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("home", type=Path)
    source = project.Project(parser.parse_args().home).database
    print(f"DuckDB {duckdb.__version__}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(dir=source.parent) as room:
        lookups(source, Path(room))
        climbs(source, Path(room))
        texts(source, Path(room))
        owners(source, Path(room))


def lookups(source: Path, room: Path) -> None:
    """How a row is found by its id."""
    print("\nfinding a row by its id")
    for name, (extra, query) in LOOKUPS.items():
        path = room / f"{name}.duckdb"
        filled(path, source, f"create table node as {IDS} order by number; {extra}")
        with duckdb.connect(path, config=SETTINGS) as connection:
            (node_id,) = one(connection, "select node_id from node using sample 1")
            found = clocked(connection, query.format(id=node_id))
            insert = "insert into node select -1, hash(random()), 0, 0 from range(256)"
            batch = clocked(connection, insert)
        print(f"  {name:<20}{megabytes(path)}{found * 1e3:>9.2f} ms, a batch of 256 in {batch * 1e3:.1f} ms")


def climbs(source: Path, room: Path) -> None:
    """How the way to the root is found."""
    print("\nthe way to the root")
    path = room / "climbs.duckdb"
    filled(path, source, f"create table node as {IDS} order by number")
    with duckdb.connect(path, read_only=True, config=SETTINGS) as connection:
        rows = "select node_id, number from node order by number desc limit 1"
        node_id, number = one(connection, rows)
        for name, query in CLIMBS.items():
            asked = query.format(id=node_id, number=number)
            seconds = clocked(connection, asked)
            print(f"  {name:<20}{seconds * 1e3:>9.2f} ms")


def texts(source: Path, room: Path) -> None:
    """How texts are packed."""
    print("\npacking texts: on disk, written, all read, one read")
    for name in ("dict_fsst", "zstd", "uncompressed"):
        path = room / f"{name}.duckdb"
        create = f"create table node (number bigint, text varchar using compression {name})"
        start = time.perf_counter()
        filled(path, source, f"{create}; insert into node select number, text from src.node order by number")
        written = time.perf_counter() - start
        with duckdb.connect(path, read_only=True, config=SETTINGS) as connection:
            every = clocked(connection, "select sum(strlen(text)) from node", 3)
            (number,) = one(connection, "select max(number) // 2 from node")
            query = f"select text from node where number = {number}"
            single = clocked(connection, query)
        print(f"  {name:<20}{megabytes(path)}{written:>9.1f} s{every:>7.2f} s{single * 1e3:>7.2f} ms")


def owners(source: Path, room: Path) -> None:
    """How it is kept whose a node is."""
    print("\nwhose a node is: on disk, statistics by level")
    for name, (create, query) in OWNED.items():
        path = room / f"{name.split()[0]}.duckdb"
        node = "create table node as select number, node_id, level, owners from src.node order by number"
        filled(path, source, f"{node}; {create}")
        with duckdb.connect(path, read_only=True, config=SETTINGS) as connection:
            seconds = clocked(connection, query, 5)
        print(f"  {name:<20}{megabytes(path)}{seconds * 1e3:>9.1f} ms")


def filled(path: Path, source: Path, script: str) -> None:
    """Make a file from what the project holds, as `src`."""
    with duckdb.connect(path, config=SETTINGS) as connection:
        connection.execute(f"attach '{source}' as src (read_only)")
        connection.execute(script)


def one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    """The first row of an answer."""
    return connection.execute(query).fetchall()[0]


def clocked(connection: duckdb.DuckDBPyConnection, query: str, rounds: int = ROUNDS) -> float:
    """Seconds, the median of some rounds."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        connection.execute(query).fetchall()
        seconds.append(time.perf_counter() - start)
    return median(seconds)


def megabytes(path: Path) -> str:
    """The size of a file."""
    return f"{path.stat().st_size / 1e6:>8.0f} MB"


if __name__ == "__main__":
    main()
