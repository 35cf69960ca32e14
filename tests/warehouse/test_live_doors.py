"""Where who holds the warehouse is found, and what becomes of those who ask when it ends."""

import json
import os
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.granary import NO_FAILURES, NO_PICKS, fill, frame
from tests.warehouse.stranger import NEVER_ENDS, answering, knock, question, until
from tgc import health
from tgc.errors import WarehouseError
from tgc.project import Project
from tgc.warehouse import Reader, Warehouse, endpoint, opening, place, read, turns, wire
from tgc.warehouse.database import Database, MemoryFullError
from tgc.warehouse.remote import Remote


@pytest.fixture
def live(warehouse: Warehouse, path: Path) -> Iterator[Reader]:
    fill(warehouse)
    with read(path) as reader:
        assert reader is not None
        assert reader.live
        yield reader


def append(warehouse: Warehouse, node_id: int) -> None:
    nodes = frame({"node_id": node_id, "level": "topic", "text": "art"})
    warehouse.append("one", nodes, NO_PICKS, NO_FAILURES)


def test_all_answers_are_of_one_moment(warehouse: Warehouse, live: Reader, path: Path) -> None:
    count = "select count(*) as nodes from nodes"
    assert live.sql(count).item() == 3
    append(warehouse, 9)
    assert live.sql(count).item() == 3
    with read(path) as later:
        assert later is not None
        assert later.sql(count).item() == 4


def test_only_its_user_reaches_the_socket_and_it_goes_with_the_holder(path: Path) -> None:
    with Warehouse.open(path):
        (found,) = sockets(path)
        assert stat.S_IMODE(found.stat().st_mode) == 0o600
        assert stat.S_IMODE(found.parent.stat().st_mode) == 0o700
        assert str(found.parent) in health._live(Project(path.parent.parent)).says
    assert not sockets(path)


def sockets(path: Path) -> list[Path]:
    return [found for found in place._candidates(path) if found.exists()]


def test_a_project_as_deep_as_paths_can_be_answers(tmp_path: Path) -> None:
    path = tmp_path.joinpath(*["directory" * 5] * 10, "tgc.duckdb")
    with Warehouse.open(path), read(path) as reader:
        assert reader is not None
        assert reader.live


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory of which the path is as short as those of sockets have to be."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o1777])
def test_a_directory_that_others_can_enter_is_not_used(
    path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setattr(place, "homes", lambda: (home, home / "next"))
    (home / "next").mkdir()
    shared = home / f"tgc-{os.getuid()}"
    shared.mkdir()
    shared.chmod(mode)
    with Warehouse.open(path), read(path) as reader:
        assert reader is not None
        assert reader.live
        assert not [*shared.iterdir()]


def test_a_link_to_a_directory_or_a_socket_is_not_followed(
    path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "homes", lambda: (home,))
    with Warehouse.open(path):
        (found,) = sockets(path)
        found.rename(found.with_name("moved"))
        found.symlink_to("moved")
        assert place.knocked(path) is None
        found.with_name("moved").rename(found)
        found.parent.rename(home / "moved")
        found.parent.symlink_to("moved")
        assert place.knocked(path) is None


def test_where_no_socket_can_be_a_build_works_and_a_reader_says_why_not(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "homes", lambda: (tmp_path / "none",))
    monkeypatch.setattr(opening, "PATIENCE", 0.1)
    with Warehouse.open(path) as warehouse:
        fill(warehouse)
        with pytest.raises(WarehouseError, match="in use") as held, read(path):
            pass
    assert held.value.hint == "it cannot be asked from here; the file is free again when it ends"
    assert not health._live(Project(tmp_path)).ok


def test_a_build_waits_for_those_who_read_and_no_longer_than_a_moment(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Warehouse.open(path).__exit__(None, None, None)
    with ExitStack() as reading:
        reading.enter_context(read(path))
        threading.Timer(0.2, reading.close).start()
        Warehouse.open(path).__exit__(None, None, None)
    monkeypatch.setattr(opening, "PATIENCE", 0.1)
    with read(path), pytest.raises(WarehouseError, match="in use") as refused:
        Warehouse.open(path)
    assert refused.value.hint == "somebody reads it; it is free again when they are done"


def test_a_build_is_not_kept_waiting_by_others_who_read_by_turns(path: Path) -> None:
    Warehouse.open(path).__exit__(None, None, None)
    over = threading.Event()

    def poll() -> None:
        while not over.is_set():
            with read(path) as reader:
                assert reader is not None

    with ThreadPoolExecutor(4) as pool:
        polling = [pool.submit(poll) for _ in range(4)]
        try:
            for _ in range(3):
                Warehouse.open(path).__exit__(None, None, None)
        finally:
            over.set()
    assert [poll.result() for poll in polling] == [None] * 4


def test_who_reads_waits_for_one_who_is_about_to_write_and_was_stopped_no_longer_than_a_moment(
    path: Path,
) -> None:
    path.parent.mkdir()
    with turns.first(path):
        turns.give_way(path, 0.1)


@contextmanager
def holder(path: Path, *said: bytes) -> Iterator[None]:
    """Somebody at the door who says so much to whoever comes first, and then nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    door = place.opened(path)
    assert door is not None
    lines = []

    def answer() -> None:
        line, _ = door.socket.accept()
        lines.append(line)
        for part in said:
            line.sendall(part)

    thread = threading.Thread(target=answer)
    thread.start()
    yield
    thread.join()
    for line in lines:
        line.close()
    door.close()


def test_a_holder_of_another_version_is_not_asked(path: Path) -> None:
    greeting = json.dumps({"tgc": "9.9", "speech": "another"}).encode()
    with (
        holder(path, wire._HEAD.pack(wire.GREETING, len(greeting)), greeting),
        pytest.raises(WarehouseError, match=r"of another tgc \(9.9; this is .*\)"),
    ):
        Remote.open(path)


def test_a_holder_that_was_stopped_is_not_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tgc.warehouse.remote.GREETING", 0.1)
    with holder(path), pytest.raises(WarehouseError, match="does not answer"):
        Remote.open(path)


def test_a_socket_that_was_left_behind_is_replaced(path: Path) -> None:
    path.parent.mkdir()
    left = place.opened(path)
    assert left is not None
    left.socket.close()
    assert Remote.open(path) is None
    with Warehouse.open(path), read(path) as reader:
        assert reader is not None
        left.close()
        assert sockets(path), "a holder's socket is not taken away by the one before"
    assert not sockets(path)


def test_who_takes_nothing_holds_nobody_up(
    warehouse: Warehouse, live: Reader, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "LINGER", 0.1)
    with knock(path) as line:
        line.sendall(question({"query": "select repeat('x', 1000) from range(100_000)", "values": {}}))
        append(warehouse, 9)
        live._database.close()
        warehouse.__exit__(None, None, None)
        assert answering() == 0


def test_a_build_that_needs_the_memory_turns_others_away_and_goes_on(
    warehouse: Warehouse, live: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = iter([MemoryFullError("full")] * 2)
    change = Database.change

    def pressed(database: Database, name: str, *values: object, **frames: pl.DataFrame) -> tuple[Any, ...]:
        for error in full:
            raise error
        return change(database, name, *values, **frames)

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(live.sql, NEVER_ENDS)
        time.sleep(0.2)
        monkeypatch.setattr(Database, "change", pressed)
        append(warehouse, 9)
        with pytest.raises(WarehouseError, match="needs the memory"):
            answer.result()
    assert live.sql("select count(*) as nodes from nodes").item() == 4


def test_the_next_is_answered_when_one_of_too_many_goes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "MOST", 1)
    with Warehouse.open(path), ExitStack() as first:
        assert first.enter_context(read(path)) is not None
        threading.Timer(0.2, first.close).start()
        with read(path) as second:
            assert second is not None
            assert second.sql("select 1 as a").item() == 1


def test_what_was_committed_is_in_its_place_before_others_are_turned_away(
    warehouse: Warehouse, live: Reader, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = path.with_name(f"{path.name}.wal")
    left = [log.exists()]
    monkeypatch.setattr(endpoint, "_await", lambda _, __: left.append(log.exists()))
    live._database.close()
    warehouse.__exit__(None, None, None)
    assert left[:2] == [True, False]


def test_who_knocks_while_the_holder_takes_long_to_end_finds_the_file_free(
    warehouse: Warehouse, live: Reader, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "LINGER", 1.0)
    monkeypatch.setattr(opening, "PATIENCE", 0.1)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(live.sql, NEVER_ENDS)
        ending = pool.submit(warehouse.__exit__, None, None, None)
        until(lambda: all(thread.name != "tgc-endpoint" for thread in threading.enumerate()))
        with read(path) as later:
            assert later is not None
            assert (later.live, later.sql("select count(*) as nodes from nodes").item()) == (False, 3)
        ending.result()
        assert isinstance(answer.exception(), WarehouseError)


def test_who_asks_while_the_holder_ends_is_answered(
    warehouse: Warehouse, live: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "LINGER", 60.0)
    with ThreadPoolExecutor() as pool:
        query = "select count(*) as n from range(500_000) where md5(range::varchar) > 'f'"
        answer = pool.submit(live.sql, query)
        answer.add_done_callback(lambda _: live._database.close())
        warehouse.__exit__(None, None, None)
        assert answer.result().item() > 0


def test_who_is_not_done_when_the_holder_ends_is_told_so_and_finds_the_file_free(
    warehouse: Warehouse, live: Reader, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "LINGER", 0.1)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(live.sql, NEVER_ENDS)
        warehouse.__exit__(None, None, None)
        with pytest.raises(WarehouseError, match="has ended") as ended:
            answer.result()
    assert ended.value.hint == "ask again: the file is free now"
    with read(path) as later:
        assert later is not None
        assert not later.live
        assert later.catalog("one").status == "interrupted"
