"""The session's side of one worker: a process, what it was given, and how it ended."""

import signal
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import get_context
from typing import TYPE_CHECKING

from tgc.backends.base import Request
from tgc.backends.workers.messages import Cancel, Leave, Order, Report, Serve, Service, Status, Submit
from tgc.backends.workers.serving import Opener, serve
from tgc.parallel import detached

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


class Worker:
    """A process that opens a session on one device, once it is started.

    Attributes:
        device: what messages call it.
        outstanding: what it was given and has not answered, by key.
        serving: the numbers of the services that it has not done yet.
        status: how it stood when it last said; None until its session is open.
        asked: whether it was told to cancel and has not answered.
        full: whether it may have something to give back: it was given requests since it was last told to cancel.
    """

    def __init__(self, device: str, opener: Opener) -> None:
        context = get_context("spawn")
        self.connection: Connection[Order, Report]
        self.connection, self._theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(opener, self._theirs))
        self.device = device
        self.outstanding = dict[str, Request]()
        self.serving = set[int]()
        self.status: Status | None = None
        self.asked = self.full = False
        self._given = 0

    @property
    def busy(self) -> bool:
        """Whether it has anything to do."""
        return bool(self.outstanding or self.serving)

    @property
    def room(self) -> int:
        """How many more requests it would take, were none of its own finished since it last said."""
        return max(0, self.status.room - (self._given - self.status.taken)) if self.status else 0

    @property
    def load(self) -> int:
        """The most tokens that its requests may come to."""
        return sum(request.max_tokens for request in self.outstanding.values())

    def start(self) -> None:
        """Start the process; it opens its session while this one goes on."""
        with detached():
            self._process.start()
        self._theirs.close()

    def submit(self, requests: Sequence[Request]) -> None:
        """Give it more to do."""
        self.outstanding |= {request.key: request for request in requests}
        self._given += len(requests)
        self.full = True
        self.send(Submit(tuple(requests)))

    def serve(self, number: int, service: Service[object]) -> None:
        """Have it answer something before it goes on."""
        self.serving.add(number)
        self.send(Serve(number, service))

    def cancel(self) -> None:
        """Tell it to give back what is not under way."""
        self.asked, self.full = True, False
        self.send(Cancel())

    def send(self, order: Order) -> None:
        """Tell it something; that it is gone is noticed where it is listened to."""
        with suppress(OSError):
            self.connection.send(order)

    def dismiss(self) -> None:
        """Tell it to exit once it has done all that it was told."""
        self.send(Leave())

    def end(self, patience: float = 0) -> None:
        """Make sure that the process is no more, after so many seconds to end by itself."""
        if self._process.pid is not None:
            self._process.join(patience)
            self._process.kill()
            self._process.join()
        self.connection.close()
        self._theirs.close()

    @property
    def fate(self) -> str:
        """How the process ended."""
        code = self._process.exitcode or 0
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"gone with exit status {code}"
        return f"the worker on `{self.device}` was {how}"
