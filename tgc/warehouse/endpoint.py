"""A build answers while it holds the database: reads only, for processes of the same user.

Nobody who asks can hold the build up. Everybody has threads and a connection to the database of their own; whoever
takes nothing is hung up on; and a build that ends waits a moment for them and no longer.
"""

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from multiprocessing.connection import wait
from pathlib import Path
from queue import SimpleQueue

import polars as pl

from tgc import __version__
from tgc.errors import TgcError, WarehouseError
from tgc.warehouse import place, wire
from tgc.warehouse.database import Database

MOST = 16
"""How many are served at a time; others wait."""
PATIENCE = 60
"""Seconds for which one who asked may take nothing of what is said."""
LINGER = 3.0
"""Seconds for which a build that ends lets others finish."""
LAST = 10.0
"""Seconds that a query has to stop when it is told to."""
SOON = 2.0
"""Seconds for which a build that needs memory waits for queries to stop."""
PULSE = 0.05
NEEDED = ("the build needs the memory that the query took", "it may be asked again, for less at a time")

_READS = re.compile(r"read_[a-z_]+|weigh")


@contextmanager
def serving(database: Database, path: Path) -> Iterator[Callable[[], None]]:
    """Answer others until the block ends; then the database is closed, and its door after it.

    So whoever still waits at the door learns that the file is free. What is given turns away all who are asking at
    the moment, for a build that needs the memory.
    """
    with ExitStack() as stack:
        door, hush = place.opened(path), _nobody
        if door is not None:
            stack.callback(door.close)
        stack.callback(database.close)
        if door is not None:
            porter = _Porter(door.socket, database.beside())
            stack.callback(porter.dismiss)
            porter.start()
            stack.callback(_settle, database)
            hush = porter.hush
        yield hush


class _UnansweredError(Exception):
    """A question had no answer, and whoever asked was told why."""


class _Porter(threading.Thread):
    """Lets in whoever knocks."""

    def __init__(self, door: socket.socket, database: Database) -> None:
        super().__init__(name="tgc-endpoint", daemon=True)
        self._door = door
        self._database = database
        self._visitors: list[_Visitor] = []
        self._bell, self._rope = socket.socketpair()

    def run(self) -> None:
        """Go on until dismissed."""
        while True:
            self._visitors = [visitor for visitor in self._visitors if visitor.is_alive()]
            full = len(self._visitors) >= MOST
            ready = wait([self._bell] if full else [self._bell, self._door], PULSE if full else None)
            if self._bell in ready:
                return
            if ready:
                self._admit()

    def hush(self) -> None:
        """Have all that is asked at the moment fail."""
        for visitor in [*self._visitors]:
            visitor.hush()

    def dismiss(self) -> None:
        """Let in nobody else, and see those out who are in; their queries finish, if that is soon."""
        self._rope.close()
        self.join()
        _await(self._visitors, LINGER)
        for visitor in self._visitors:
            visitor.leave()
        _await(self._visitors, LAST)
        self._bell.close()
        self._database.close()

    def _admit(self) -> None:
        try:
            line, _ = self._door.accept()
            visitor = _Visitor(line, self._database.beside())
            visitor.start()
        except (OSError, RuntimeError):  # gone again, or there is no room for a file or a thread
            time.sleep(PULSE)
        else:
            self._visitors.append(visitor)


class _Visitor(threading.Thread):
    """Answers one who asks, in one snapshot for as long as nothing fails; hears meanwhile when they hang up."""

    def __init__(self, line: socket.socket, database: Database) -> None:
        super().__init__(name="tgc-endpoint-answer", daemon=True)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE, 0))
        self._line = line
        self._database = database
        self._asked: SimpleQueue[wire.Question | None] = SimpleQueue()
        self._busy = threading.Event()
        self._over = threading.Event()
        self._hushed = threading.Event()
        self._ear = threading.Thread(target=self._listen, name="tgc-endpoint-ear", daemon=True)

    def run(self) -> None:
        """Answer until they hang up."""
        self._ear.start()
        try:
            wire.say(self._line, wire.GREETING, {"tgc": __version__, "speech": wire.speech()})
            while self._converse():
                pass
        except wire.HangUpError:
            pass
        finally:
            self._over.set()
            self.leave()
            self._ear.join()
            self._line.close()
            self._database.close()

    def leave(self) -> None:
        """Hang up; a query that is being answered is stopped."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def hush(self) -> None:
        """Have what is asked at the moment fail, if that is soon."""
        self._hushed.set()
        deadline = time.monotonic() + SOON
        while self._busy.is_set() and self.is_alive() and time.monotonic() < deadline:
            self._database.interrupt()
            time.sleep(PULSE)
        self._hushed.clear()

    def _listen(self) -> None:
        """Take questions until they hang up, or ask before they were answered."""
        with suppress(wire.HangUpError):
            while True:
                question = wire.heard(self._line)
                if self._busy.is_set():
                    break
                self._busy.set()
                self._asked.put(question)
        self._asked.put(None)
        while not self._over.wait(PULSE):
            self._database.interrupt()

    def _converse(self) -> bool:
        """Answer until something fails; whether they may go on, in another snapshot."""
        try:
            with self._database.transaction("read only"):
                while (question := self._asked.get()) is not None:
                    self._answer(question)
        except _UnansweredError:
            return True
        except TgcError:  # there is no memory left to begin or end in
            return False
        return False

    def _answer(self, question: wire.Question) -> None:
        try:
            with closing(self._frames(question)) as frames:
                for frame in frames:
                    wire.hand(self._line, frame)
        except TgcError as error:
            said = WarehouseError(*NEEDED) if self._hushed.is_set() else error
            self._busy.clear()
            wire.fail(self._line, said)
            raise _UnansweredError from error
        self._busy.clear()
        wire.send(self._line, wire.END)

    def _frames(self, question: wire.Question) -> Generator[pl.DataFrame]:
        try:
            match question.asked:
                case {"query": str(query), "values": dict(values)}:
                    yield from self._database.selected(query, values)
                case {"statement": str(name), "values": list(values)} if _READS.fullmatch(name):
                    yield from self._database.frames(name, *values, **question.frames)
                case _:
                    raise WarehouseError("that is nothing a build answers")
        except wire.MALFORMED as error:
            raise WarehouseError(f"the build cannot answer that: {error}") from error


def _settle(database: Database) -> None:
    """Put what was committed where it belongs while others are answered, so that closing keeps nobody waiting."""
    with suppress(WarehouseError):  # whatever it is, closing tries again
        database.script("checkpoint")


def _nobody() -> None:
    """Turn away nobody, for nobody can ask."""


def _await(visitors: Iterable[_Visitor], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for visitor in visitors:
        visitor.join(max(deadline - time.monotonic(), 0))
