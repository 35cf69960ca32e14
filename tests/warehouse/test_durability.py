"""The file keeps whole batches through anything, and is written only by builds."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.granary import BIG, fill
from tgc.errors import WarehouseError
from tgc.warehouse import Warehouse, migrations, read
from tgc.warehouse.database import Database


def test_a_fresh_file_is_migrated_once_and_then_left_alone(path: Path) -> None:
    Warehouse.open(path).__exit__(None, None, None)
    before = path.read_bytes()
    Warehouse.open(path).__exit__(None, None, None)
    assert path.read_bytes() == before


def test_reading_where_there_is_no_warehouse_creates_nothing(tmp_path: Path) -> None:
    with read(tmp_path / "none" / "tgc.duckdb") as reader:
        assert reader is None
    assert not list(tmp_path.iterdir())


def test_reading_leaves_the_file_as_it_is(path: Path) -> None:
    with Warehouse.open(path) as warehouse:
        fill(warehouse)
    before = path.read_bytes()
    with read(path) as reader:
        assert reader is not None
        assert reader.catalog("one").held.tolist() == [1, 3, BIG]
        assert reader.all_nodes().height == 3
    assert path.read_bytes() == before


def change(path: Path, statement: str, *values: object) -> None:
    database = Database.open(path)
    database.change("clear_meta")
    database.change(statement, *values)
    database.close()


def test_a_warehouse_of_a_newer_tgc_is_left_alone(path: Path) -> None:
    Warehouse.open(path).__exit__(None, None, None)
    change(path, "write_meta", 99, "")
    with pytest.raises(WarehouseError, match="newer"), read(path):
        pass
    with pytest.raises(WarehouseError, match="newer"):
        Warehouse.open(path)


def test_a_warehouse_with_old_views_is_migrated_by_the_next_build(path: Path) -> None:
    Warehouse.open(path).__exit__(None, None, None)
    change(path, "write_meta", migrations.newest(), "views of yesterday")
    with pytest.raises(WarehouseError, match="older"), read(path):
        pass
    Warehouse.open(path).__exit__(None, None, None)
    with read(path) as reader:
        assert reader is not None


def test_a_file_that_is_no_database_is_not_touched(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("not a database", encoding="utf-8")
    with pytest.raises(WarehouseError):
        Warehouse.open(path)
    assert path.read_text(encoding="utf-8") == "not a database"


BATCH = 64
APPENDS = f"""
import sys
from pathlib import Path
import polars as pl
from tgc.catalog import FAILURES, NODES, PICKS
from tgc.warehouse import Warehouse

with Warehouse.open(Path(sys.argv[1])) as warehouse:
    warehouse.start("one", "", {{}}, {{}}, (None, None))
    first = warehouse.catalog("one").held.size + 1
    while True:
        node_ids = list(range(first, first + {BATCH}))
        rows = [dict(node_id=i, parent_id=0, level="topic", ordinal=0, depth=0, text="t") for i in node_ids]
        nothing = pl.DataFrame(schema=PICKS), pl.DataFrame(schema=FAILURES)
        warehouse.append("one", pl.DataFrame(rows, schema=NODES), *nothing)
        first += {BATCH}
        print(first - 1, flush=True)
"""


def test_a_killed_build_loses_at_most_the_batch_in_flight(path: Path) -> None:
    for wait in (0, 3, 11):
        child = subprocess.Popen(
            [sys.executable, "-c", APPENDS, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        committed = [child.stdout.readline() for _ in range(wait + 1)]
        with pytest.raises(WarehouseError, match="in use") as locked:
            Warehouse.open(path)
        os.kill(child.pid, signal.SIGKILL)
        committed += child.stdout.readlines()
        child.wait()
        child.stdout.close()
        with read(path) as reader:
            assert reader is not None
            held = reader.catalog("one").held.size
        assert locked.value.hint is not None
        assert held % BATCH == 0
        assert held - int(committed[-1]) in {0, BATCH}
    with Warehouse.open(path) as warehouse:
        assert warehouse.runs()["status"].to_list() == ["interrupted"] * 3


OPEN = "x = w.Warehouse.open(pathlib.Path(sys.argv[1])); x.sql('select 1'); x.__exit__(None, None, None)"


def test_closing_leaves_no_talk_behind(path: Path) -> None:
    script = f"import sys, pathlib, tgc.warehouse as w; {OPEN}"
    ended = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert ended.stderr == ""
