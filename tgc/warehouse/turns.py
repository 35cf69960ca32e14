"""Whoever is about to write goes first, or commands that read by turns could keep a build waiting for ever.

The sign is a lock (`flock`) on the directory of the database; one who is killed gives it back.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

MOMENT = 0.5
PULSE = 0.01


@contextmanager
def first(path: Path) -> Iterator[None]:
    """Have others wait with reading for as long as the block lasts, where the system has such locks."""
    with _locked(path, MOMENT, alone=True):
        yield


def give_way(path: Path, seconds: float) -> None:
    """Wait while somebody is about to write, and no longer than so many seconds."""
    with _locked(path, seconds, alone=False):
        pass


@contextmanager
def _locked(path: Path, seconds: float, *, alone: bool) -> Iterator[None]:
    """Hold the lock within the block, if it can be had by then."""
    with ExitStack() as stack:
        with suppress(ImportError, OSError):
            import fcntl  # not on Windows

            directory = os.open(path.parent, os.O_RDONLY)
            stack.callback(os.close, directory)
            how = fcntl.LOCK_NB | (fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                with suppress(BlockingIOError):
                    fcntl.flock(directory, how)
                    break
                time.sleep(PULSE)
        yield
