"""A file that somebody asks who may lose patience: Ctrl-C stops their query.

Python hears of a signal between two of its own instructions only, and a query is one call, however long it takes.
But it writes to a socket as soon as a signal comes, and there a thread listens. To ask from another thread instead
takes a millisecond, a tenth of what a lineage takes.
"""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress

import polars as pl

from tgc.warehouse.database import Database
from tgc.warehouse.header import Value

PULSE = 0.05
"""Seconds between two attempts to stop a query, which may have been between two steps."""


class Attended(Database):
    """A database that is open to be read, so that no query needs a transaction; its user may interrupt it."""

    def select(self, query: str, values: Mapping[str, Value]) -> pl.DataFrame:
        """The answer to a user's query, as `Database.select` gives it; an interruption ends it.

        Raises:
            UsageError: as there.
        """
        with _heard(self.interrupt) if _interruptible() else nullcontext():
            return pl.concat(self.selected(query, values))


def _interruptible() -> bool:
    """Whether Ctrl-C ends what this thread does."""
    main = threading.current_thread() is threading.main_thread()
    return main and signal.getsignal(signal.SIGINT) is signal.default_int_handler


@contextmanager
def _heard(stop: Callable[[], None]) -> Iterator[None]:
    """Have an interruption call `stop`, from another thread, as long as the block lasts."""
    ear, bell = socket.socketpair()
    with ear, bell:
        bell.setblocking(False)
        others = signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
        listener = threading.Thread(target=_listen, args=(ear, others, stop), daemon=True)
        try:
            listener.start()
            yield
        finally:
            signal.set_wakeup_fd(others)
            bell.shutdown(socket.SHUT_WR)
            listener.join()


def _listen(ear: socket.socket, others: int, stop: Callable[[], None]) -> None:
    """Stop at the first interruption, and again until nobody asks any more; others hear of all signals, too."""
    while True:
        try:
            signals = ear.recv(64)
        except TimeoutError:
            stop()
            continue
        if not signals:
            return
        if others != -1:
            with suppress(OSError):
                os.write(others, signals)
        if signal.SIGINT in signals:
            stop()
            ear.settimeout(PULSE)
