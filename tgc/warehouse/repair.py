"""Opening a database whose log is damaged: what was committed before stays, and the log is set aside."""

import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tgc.warehouse.database import DamagedLogError, Database


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done: the log as it was is in `aside`, and `lost` bytes of it are not in the database."""

    aside: Path
    lost: int


def repair(path: Path) -> Repair | None:
    """Cut a damaged log where the damage begins, so that the database opens; None where it opens as it is.

    Raises:
        WarehouseError: it cannot be opened for another reason.
    """
    damage = _damage(path)
    if damage is None:
        return None
    log = path.with_name(f"{path.name}.wal")
    aside = _free(log)
    shutil.copy2(log, aside)
    size = log.stat().st_size
    while damage is not None:
        _cut(log, damage)
        kept, damage = damage, _damage(path)
    return Repair(aside, size - kept)


def _damage(path: Path) -> int | None:
    """Where the log's first damaged entry begins; opening the database takes in what is whole."""
    try:
        Database.open(path).close()
    except DamagedLogError as error:
        return error.whole
    return None


def _cut(log: Path, size: int) -> None:
    part = log.with_name(f"{log.name}.part")
    with log.open("rb") as whole:
        part.write_bytes(whole.read(size))
    part.replace(log)


def _free(log: Path) -> Path:
    names = (log.with_name(f"{log.name}.damaged-{number}") for number in count(1))
    return next(name for name in names if not name.exists())
