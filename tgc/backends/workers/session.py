"""One session over several workers: requests are spread, results come from whoever has some."""

import logging
from collections.abc import Mapping, Sequence
from itertools import count
from math import ceil
from multiprocessing.connection import wait
from multiprocessing.util import Finalize
from types import TracebackType
from typing import Self, TypeVar, assert_never, cast

import numpy as np
from numpy.typing import NDArray

from tgc.backends.base import Completion, Failure, Request, Said
from tgc.backends.workers.messages import (
    Broken,
    Embed,
    Finished,
    Forgotten,
    Opened,
    Refused,
    Report,
    Score,
    Served,
    Service,
)
from tgc.backends.workers.routes import PIECE, Routes
from tgc.backends.workers.serving import Opener
from tgc.backends.workers.worker import Worker
from tgc.errors import BackendError
from tgc.likelihood import Likelihood

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that a worker with nothing to do has to exit by itself."""

MEMORY = "a system that is out of memory kills processes; fewer devices or a smaller `batch_size` need less"


class Workers:
    """A session for each device, in a process of its own; together they are one.

    What a worker leaves behind that dies goes to the others. No worker outlives this process.

    Args:
        openers: by device, what opens the session there; equal devices are several workers on one.

    Raises:
        BackendError: a session cannot be opened; the message says on which device.
    """

    def __init__(self, openers: Sequence[tuple[str, Opener]]) -> None:
        self._workers = dict[int, Worker]()
        self._end = Finalize(self, _end, (self._workers,), exitpriority=0)
        self._routes = Routes()
        self._ready = list[Completion | Failure]()
        self._numbers = count()
        self._answers = dict[int, object]()
        self._fates = list[str]()
        try:
            self._open(openers)
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        idle = [worker for worker in self._workers.values() if not worker.busy]
        try:
            for worker in idle:
                worker.dismiss()
            for worker in idle:
                worker.end(PATIENCE)
        finally:
            self._end()

    @property
    def room(self) -> int:
        """How many more requests the workers would take together."""
        return sum(worker.room for worker in self._workers.values())

    def submit(self, requests: Sequence[Request]) -> None:
        """Queue requests, each where what it begins with has been read if that is not much busier.

        What a worker does not take of them is raised by a later `step`.

        Raises:
            BackendError: every worker is gone.
        """
        self._assign(requests, PIECE)

    def step(self) -> list[Completion | Failure]:
        """Wait until any worker has finished something; empty only when nothing is queued.

        Raises:
            BackendError: a worker has raised it, or every worker is gone.
        """
        while not self._ready and any(worker.outstanding for worker in self._workers.values()):
            self._even_out()
            self._hand_on(self._listen())
        ready, self._ready = self._ready, []
        return ready

    def cancel(self) -> list[str]:
        """Forget what is queued and not under way at any worker, and what a worker leaves behind that dies.

        Raises:
            BackendError: as for `step`.
        """
        for worker in self._workers.values():
            if worker.full and not worker.asked:
                worker.cancel()
        forgotten = list[Request]()
        while any(worker.asked for worker in self._workers.values()):
            forgotten += self._listen()
        return [request.key for request in forgotten]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of shape (len(texts), width).

        Raises:
            BackendError: as for `step`.
        """
        return np.concatenate(self._served([Embed(share) for share in self._shares(texts)]))

    def score(self, said: Sequence[Said]) -> list[Likelihood | None]:
        """The likelihood of turns that are there already; None where one does not fit the context.

        Raises:
            BackendError: as for `step`.
        """
        found = self._served([Score(share) for share in self._shares(said)])
        return [likelihood for share in found for likelihood in share]

    def _open(self, openers: Sequence[tuple[str, Opener]]) -> None:
        for number, (device, opener) in enumerate(openers):
            self._workers[number] = worker = Worker(device, opener)
            worker.start()
        while any(worker.status is None for worker in self._workers.values()):
            self._listen()

    def _shares(self, texts: Sequence[T]) -> list[tuple[T, ...]]:
        """What each worker gets of many texts, neighbours together; a few are left in one share."""
        shares = max(1, min(len(self._living()), ceil(len(texts) / PIECE)))
        size = ceil(len(texts) / shares)
        return [tuple(texts[start : start + size]) for start in range(0, max(1, len(texts)), max(1, size))]

    def _served(self, services: Sequence[Service[T]]) -> list[T]:
        """The answers, in this order; what a worker leaves behind that dies is done by another."""
        numbered = {next(self._numbers): service for service in services}
        while lacking := numbered.keys() - self._answers.keys():
            self._serve({number: service for number, service in numbered.items() if number in lacking})
            self._hand_on(self._listen())
        return [cast("T", self._answers.pop(number)) for number in numbered]

    def _serve(self, services: Mapping[int, Service[object]]) -> None:
        """Have the least busy workers do what nobody is at."""
        workers = self._living().values()
        under_way = {number for worker in workers for number in worker.serving}
        for number, service in services.items():
            if number not in under_way:
                idlest = min(workers, key=lambda worker: (len(worker.serving), worker.load))
                idlest.serve(number, service)

    def _assign(self, requests: Sequence[Request], piece: int) -> None:
        loads = {number: worker.load for number, worker in self._living().items()}
        for number, share in self._routes.assign(requests, loads, piece).items():
            self._workers[number].submit(share)

    def _hand_on(self, requests: Sequence[Request]) -> None:
        """Give requests that are nobody's any more to the workers, so that all get some if there are enough."""
        if requests:
            self._assign(requests, min(PIECE, ceil(len(requests) / len(self._workers))))

    def _even_out(self) -> None:
        """Where a worker has nothing to do, have the busiest that may give some back do so."""
        workers = self._workers.values()
        if all(worker.outstanding for worker in workers) or any(worker.asked for worker in workers):
            return
        givers = [worker for worker in workers if worker.full and len(worker.outstanding) > 1]
        if givers:
            max(givers, key=lambda worker: worker.load).cancel()

    def _listen(self) -> list[Request]:
        """Wait for a report; the requests that are nobody's after it."""
        orphans = list[Request]()
        said = wait([worker.connection for worker in self._workers.values()])
        for number, worker in list(self._workers.items()):
            if worker.connection in said:
                orphans += self._hear(number, worker)
        return orphans

    def _hear(self, number: int, worker: Worker) -> list[Request]:
        try:
            report = worker.connection.recv()
        except (EOFError, OSError):
            return self._bury(number, worker)
        return self._take(worker, report)

    def _take(self, worker: Worker, report: Report) -> list[Request]:
        match report:
            case Opened(status):
                worker.status = status
            case Finished(results, status):
                worker.status = status
                self._ready += results
                for result in results:
                    del worker.outstanding[result.key]
            case Forgotten(keys, status):
                worker.status, worker.asked = status, False
                return [worker.outstanding.pop(key) for key in keys]
            case Served(number, answer):
                worker.serving.discard(number)
                self._answers[number] = answer
            case Refused(message, hint):
                raise BackendError(f"`{worker.device}`: {message}", hint)
            case Broken(trace):
                raise RuntimeError(f"the worker on `{worker.device}` failed:\n{trace}")
            case _:
                assert_never(report)
        return []

    def _bury(self, number: int, worker: Worker) -> list[Request]:
        del self._workers[number]
        worker.end(patience=1.0)
        self._fates.append(worker.fate)
        if worker.status is None:
            raise BackendError(f"{worker.fate} while it was loading the model", MEMORY)
        others = ", ".join(f"`{other.device}`" for other in self._living().values())
        logging.getLogger(__name__).warning("%s; what it had goes to %s", worker.fate, others)
        return list(worker.outstanding.values())

    def _living(self) -> dict[int, Worker]:
        if not self._workers:
            raise BackendError(f"no worker is left: {', '.join(self._fates)}", MEMORY)
        return self._workers


def _end(workers: dict[int, Worker]) -> None:
    while workers:
        _, worker = workers.popitem()
        worker.end()
