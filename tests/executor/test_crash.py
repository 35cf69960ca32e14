"""A build that is killed at any moment goes on where it was, and ends in the very same mix."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tgc
from tgc.project import Project
from tgc.warehouse import Warehouse, read

RECIPE = """\
name: crash
model: builtin:atlas
tree:
  topic: {values: [geography, chemistry, animals]}
  question: {role: user, system: tg/topic.j2, branch: 4, max_tokens: 24, distinct: {by: mmr, oversample: 1.5}}
  answer: {role: assistant, branch: 2, max_tokens: 40}
  followup: {role: user, max_tokens: 24}
  reply: {role: assistant, max_tokens: 48}
filters: [{kind: length, min_tokens: 2}]
mix: {size: 15, balance: [topic]}
emit: [{format: llava, path: llava.json}]
"""


def project(home: Path) -> Path:
    (home / "recipes").mkdir(parents=True)
    Warehouse.open(Project(home).database).__exit__(None, None, None)  # so that a log is of what a build does
    (home / "recipes" / "crash.yaml").write_text(RECIPE)
    (home / "recipes" / "profiles.yaml").write_text(
        "default: small\nsmall: {backend: torch, batch_size: 8}\n"
    )
    return home


def build(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tgc", "build", "recipes/crash.yaml", "-q"]
    return subprocess.Popen(command, cwd=home, env={**os.environ, "OMP_NUM_THREADS": "1"})


def held(home: Path) -> int:
    with read(Project(home).database) as reader:
        return len(reader.catalog("crash").held) if reader else 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    home = project(tmp_path_factory.mktemp("whole"))
    assert tgc.build(home / "recipes/crash.yaml")
    return (home / "warehouse/mixes/crash/llava.json").read_bytes()


def test_killed_twice_it_ends_in_the_same_mix(tmp_path: Path, whole: bytes) -> None:
    home, seen = project(tmp_path / "home"), [0]
    for _ in range(2):
        process = build(home)
        kill_once_something_is_written(process, home)
        seen.append(held(home))
    assert tgc.build(home / "recipes/crash.yaml")
    assert seen[0] <= seen[1] <= seen[2]
    assert seen[2] > 0
    assert (home / "warehouse/mixes/crash/llava.json").read_bytes() == whole
    assert generated_once(home)


def kill_once_something_is_written(process: "subprocess.Popen[bytes]", home: Path) -> None:
    """`kill -9` as soon as the write-ahead log has grown by some batch of nodes."""
    log = home / "warehouse" / "tgc.duckdb.wal"
    start = log.stat().st_size if log.exists() else 0
    while process.poll() is None:
        if log.exists() and log.stat().st_size > start + 8_000:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.01)
    assert process.wait() == -signal.SIGKILL


def generated_once(home: Path) -> bool:
    with read(Project(home).database) as reader:
        assert reader is not None
        counts = reader.sql("select count(*) as nodes, count(distinct node_id) as ids from nodes")
    return bool(counts["nodes"].item() == counts["ids"].item())
