"""Somebody who asks a build without the manners of tgc."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from tgc.warehouse import place, wire

NEVER_ENDS = "select count(*) from range(10_000_000) a, range(10_000_000) b where a.range + b.range = 1"


def knock(path: Path) -> socket.socket:
    line = place.knocked(path)
    assert line is not None
    line.settimeout(10)
    assert wire.receive(line)[0] == wire.GREETING
    return line


def question(asked: dict[str, object]) -> bytes:
    content = json.dumps({"frames": [], **asked}).encode()
    return wire._HEAD.pack(wire.QUESTION, len(content)) + content


def heard(line: socket.socket) -> Iterator[bytes]:
    """The kinds of messages that come until they hang up."""
    with suppress(wire.HangUpError):
        while True:
            yield wire.receive(line)[0]


def answering() -> int:
    return sum(thread.name == "tgc-endpoint-answer" for thread in threading.enumerate())


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
