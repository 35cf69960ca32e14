"""A function is spread over processes that end with the call, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tgc import parallel
from tgc.errors import TgcError

MANY = [str(number) for number in range(3_000)]
NAP, DIE = "__import__('time').sleep(0.01)", "__import__('os').kill(__import__('os').getpid(), 9)"
SLOW = f"""
import signal
from tgc import parallel
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is started without
parallel._cores = lambda: 2
parallel.over(eval, [{NAP!r}] * 20_000)
"""


@pytest.fixture
def two_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "EACH", 1_000)
    monkeypatch.setattr(parallel, "_cores", lambda: 2)


def workers(pid: int) -> list[int]:
    """The processes that one has started to work for it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def attending(pid: int) -> bool:
    """Whether a worker watches who started it: it does so in a thread besides, once it can work."""
    return running(pid) and "\nThreads:\t1\n" not in Path(f"/proc/{pid}/status").read_text()


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 120
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def test_few_texts_need_no_worker() -> None:
    assert parallel.over(eval, ["__import__('os').getpid()"]) == [os.getpid()]
    assert parallel.over(len, []) == []


@pytest.mark.usefixtures("two_workers")
def test_many_texts_keep_their_order_and_leave_no_process_behind() -> None:
    assert parallel.over(int, MANY) == list(range(3_000))
    assert workers(os.getpid()) == []


@pytest.mark.usefixtures("two_workers")
def test_what_the_function_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        parallel.over(int, [*MANY, "x"])
    assert workers(os.getpid()) == []


@pytest.mark.usefixtures("two_workers")
def test_a_worker_that_is_killed_is_an_error_and_no_endless_wait() -> None:
    with pytest.raises(TgcError, match="was killed"):
        parallel.over(eval, [DIE] * 3_000)


@pytest.mark.parametrize(
    ("stop", "sent", "says"), [(os.killpg, signal.SIGINT, 1), (os.kill, signal.SIGKILL, 0)]
)
def test_workers_are_gone_soon_after_who_started_them(
    stop: Callable[[int, int], None], sent: signal.Signals, says: int
) -> None:
    script = [sys.executable, "-c", SLOW]
    with subprocess.Popen(script, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert eventually(lambda: len(list(filter(attending, workers(process.pid)))) == 2)
        started = workers(process.pid)
        stop(process.pid, sent)
        _, told = process.communicate(timeout=120)
    assert eventually(lambda: not any(map(running, started)))
    assert process.returncode != 0
    assert told.count("Traceback") == told.count("KeyboardInterrupt") == says
