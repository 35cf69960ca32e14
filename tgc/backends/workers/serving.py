"""The worker's side: a session in a process of its own, doing what comes through a pipe."""

import os
import traceback
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, assert_never

from tgc.backends.base import Session
from tgc.backends.workers.messages import (
    Broken,
    Cancel,
    Finished,
    Forgotten,
    Leave,
    Opened,
    Order,
    Refused,
    Report,
    Serve,
    Served,
    Status,
    Submit,
)
from tgc.errors import BackendError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Opener = Callable[[], Session]
"""Opens a session in the process that calls it; can be pickled."""

Orders = SimpleQueue[Order]


def serve(opener: Opener, connection: "Connection[Report, Order]") -> None:
    """Open a session and serve it until told to leave; what goes wrong is reported, never printed.

    The process ends at once when the other end of the pipe is closed, whatever it is at.
    """
    orders = Orders()
    Thread(target=_listen, args=(connection, orders), daemon=True).start()
    try:
        with opener() as session:
            _Serving(session, connection).run(orders)
    except BackendError as error:
        _report(connection, Refused(error.message, error.hint))
    except Exception:  # noqa: BLE001 - raised again by the session, in the process that has a terminal
        _report(connection, Broken(traceback.format_exc()))


def _listen(connection: "Connection[Report, Order]", orders: Orders) -> None:
    """Take orders off the pipe as they come, so that neither side ever waits for the other to read."""
    while True:
        try:
            order = connection.recv()
        except Exception:  # noqa: BLE001 - the other end is gone, or not to be understood
            os._exit(1)
        orders.put(order)
        if isinstance(order, Leave):
            return


def _report(connection: "Connection[Report, Order]", report: Report) -> None:
    with suppress(OSError):
        connection.send(report)


class _Serving:
    def __init__(self, session: Session, connection: "Connection[Report, Order]") -> None:
        self._session = session
        self._connection = connection
        self._taken = self._waiting = 0

    def run(self, orders: Orders) -> None:
        """Do all that was ordered, then a step, and so on; without anything queued, wait for orders."""
        self._connection.send(Opened(self._status))
        while True:
            while not self._waiting or not orders.empty():
                order = orders.get()
                if isinstance(order, Leave):
                    return
                self._do(order)
            self._step()

    def _do(self, order: Submit | Cancel | Serve) -> None:
        match order:
            case Submit(requests):
                self._session.submit(requests)
                self._taken += len(requests)
                self._waiting += len(requests)
            case Cancel():
                keys = tuple(self._session.cancel())
                self._waiting -= len(keys)
                self._connection.send(Forgotten(keys, self._status))
            case Serve(number, service):
                self._connection.send(Served(number, service.of(self._session)))
            case _:
                assert_never(order)

    def _step(self) -> None:
        results = tuple(self._session.step())
        self._waiting -= len(results)
        self._connection.send(Finished(results, self._status))

    @property
    def _status(self) -> Status:
        return Status(self._taken, self._session.room)
