"""A log with a wrong bit is refused, and `tgc doctor --repair-wal` brings back what was committed before it."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tgc.cli.project import doctor
from tgc.errors import WarehouseError
from tgc.warehouse import read, repair

BATCH, BATCHES = 64, 20
KILLED = f"""
import os, signal, sys
from pathlib import Path
import polars as pl
from tgc.catalog import FAILURES, NODES, PICKS
from tgc.warehouse import Warehouse

warehouse = Warehouse.open(Path(sys.argv[1]))
warehouse.start("one", "", {{}}, {{}}, (None, None))
for first in range(1, {BATCH * BATCHES}, {BATCH}):
    node_ids = range(first, first + {BATCH})
    rows = [dict(node_id=i, parent_id=0, level="topic", ordinal=0, depth=0, text="t") for i in node_ids]
    nothing = pl.DataFrame(schema=PICKS), pl.DataFrame(schema=FAILURES)
    warehouse.append("one", pl.DataFrame(rows, schema=NODES), *nothing)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def damaged(path: Path) -> Path:
    """A killed build's warehouse, with a wrong bit in the middle of the log."""
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    log = path.with_name(f"{path.name}.wal")
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 1
    log.write_bytes(content)
    return path


def held(path: Path) -> int:
    with read(path) as reader:
        assert reader is not None
        assert reader.sql("select count(*) as n from nodes").item() == reader.catalog("one").held.size
        return reader.catalog("one").held.size


def test_a_damaged_log_is_cut_and_kept_aside(damaged: Path) -> None:
    log = damaged.with_name(f"{damaged.name}.wal")
    before = log.read_bytes()
    with pytest.raises(WarehouseError, match="is damaged at byte") as refused, read(damaged):
        pass
    assert "tgc doctor --repair-wal" in (refused.value.hint or "")
    done = repair(damaged)
    assert done is not None
    assert done.aside.read_bytes() == before
    assert 0 < held(damaged) < BATCH * BATCHES
    assert held(damaged) % BATCH == 0
    assert repair(damaged) is None


def test_the_doctor_repairs_what_it_is_told_to(damaged: Path) -> None:
    project = damaged.parent.parent
    (project / "recipes").mkdir()
    told = CliRunner().invoke(doctor, ["--project", str(project), "--repair-wal"])
    assert f"{damaged.name}.wal.damaged-1" in told.output
    assert held(damaged) > 0
    assert "is whole" in CliRunner().invoke(doctor, ["--project", str(project), "--repair-wal"]).output


def test_without_a_warehouse_there_is_nothing_to_repair(path: Path) -> None:
    told = CliRunner().invoke(doctor, ["--project", str(path.parent.parent), "--repair-wal"])
    assert isinstance(told.exception, WarehouseError)
