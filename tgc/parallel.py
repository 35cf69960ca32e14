"""A Python function over many texts, in worker processes where there are enough of them."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process, resource_tracker
from threading import Thread
from types import ModuleType
from typing import TypeVar

from tgc.errors import TgcError

T = TypeVar("T")

EACH = 10_000
"""Texts that are worth a worker: it takes about as long to start as to go through these."""

CHUNK = 500
"""Texts that go to a worker at a time, and that an interruption waits for."""


def over(function: Callable[[str], T], texts: Sequence[str]) -> list[T]:
    """What `function` makes of each text, in their order.

    It and what it returns can be pickled, and it depends on its text alone. Fewer than two workers' texts, or a
    machine of one core, need no workers; all that there are have ended when this returns or raises.

    Raises:
        TgcError: a worker was killed.
        Exception: what `function` raises.
    """
    workers = min(_cores(), len(texts) // EACH)
    return _spread(function, texts, workers) if workers > 1 else list(map(function, texts))


@contextmanager
def detached() -> Iterator[None]:
    """Start processes that neither hear Ctrl-C or SIGTERM nor run the script of this one again.

    What is blocked here is so from the first instruction there; a service that stops everybody stops this
    process, and this one its workers. Without a `__main__` to import, scripts need not be guarded.
    """
    resource_tracker.ensure_running()  # else the first start would, and unblock (CPython 3.11)
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        sys.modules["__main__"] = main


def _spread(function: Callable[[str], T], texts: Sequence[str], workers: int) -> list[T]:
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_attend)
    try:
        with detached():
            made = pool.map(function, texts, chunksize=CHUNK)
        return list(made)
    except BrokenProcessPool as error:
        raise TgcError(
            "a worker process that judges texts was killed",
            "memory may have run out; what is finished is kept, and the same command goes on from there",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _attend() -> None:
    """In a worker: be gone when the process that started it is, however that ended."""
    Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
