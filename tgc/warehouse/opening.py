"""Opening a file that somebody else may have open: a build, which answers, or a command that is soon done."""

import time
from collections.abc import Iterator
from pathlib import Path

from tgc.errors import WarehouseError
from tgc.warehouse import place, turns
from tgc.warehouse.attended import Attended
from tgc.warehouse.database import Database, HeldError
from tgc.warehouse.remote import Remote
from tgc.warehouse.source import Source

PATIENCE = 3.0
"""Seconds for which nobody who has the file open need answer."""
PULSE = 0.05


def to_read(path: Path) -> Source:
    """The file, or the build that holds it.

    Raises:
        WarehouseError: who holds it cannot be asked.
    """
    turns.give_way(path, PATIENCE)
    for _ in _moments():
        try:
            return Attended.open(path, read_only=True)
        except HeldError as error:
            remote = Remote.open(path)
            if remote is not None:
                return remote
            message = error.message
    hint = "it cannot be asked from here; the file is free again when it ends"
    raise WarehouseError(message, hint)


def to_write(path: Path) -> Database:
    """The file, created if it is not there.

    Raises:
        WarehouseError: a build holds it, or somebody who reads has had it open for long.
    """
    with turns.first(path):
        for _ in _moments():
            try:
                return Database.open(path)
            except HeldError as error:
                line = place.knocked(path)
                if line is not None:
                    line.close()
                    raise
                message = error.message
    raise WarehouseError(message, "somebody reads it; it is free again when they are done")


def _moments() -> Iterator[None]:
    """Times to try: as long as patience lasts and once more, for who was waited for may have ended meanwhile."""
    deadline = time.monotonic() + PATIENCE
    patient = True
    while patient:
        patient = time.monotonic() <= deadline
        yield
        time.sleep(PULSE)
