"""The shape of the database: numbered migrations, each in one transaction, then the views."""

from pathlib import Path

from tgc import assets
from tgc.errors import WarehouseError
from tgc.fingerprint import digest
from tgc.warehouse.database import Database
from tgc.warehouse.source import Source


def migrate(database: Database) -> None:
    """Bring a database to this version of tgc; one that is there already is not written to."""
    database.change("create_meta")
    version, views = _meta(database)
    _refuse_newer(version)
    for number, path in enumerate(_files("migrations"), start=1):
        if number > version:
            _apply(database, number, (path,), views="")
    if _views() != (views if version == newest() else ""):
        _apply(database, newest(), _files("views"), _views())
        database.script("checkpoint")  # DuckDB 1.5 cannot replay a log in which tables are made


def check(database: Source) -> None:
    """Refuse to read a database whose shape is not this version's.

    Raises:
        WarehouseError: saying how it is brought there.
    """
    version, views = _meta(database)
    _refuse_newer(version)
    if version < newest() or views != _views():
        hint = "the next `tgc build` migrates it, as does `tgc doctor --migrate`"
        raise WarehouseError("the warehouse was written by an older tgc", hint)


def newest() -> int:
    """The schema version of this tgc: the number of its migrations."""
    return len(_files("migrations"))


def _meta(database: Source) -> tuple[int, str]:
    version, views = next(database.frame("read_meta").iter_rows(), (0, ""))
    return version, views


def _refuse_newer(version: int) -> None:
    if version > newest():
        raise WarehouseError("the warehouse was written by a newer tgc", f"its schema version is {version}")


def _apply(database: Database, version: int, scripts: tuple[Path, ...], views: str) -> None:
    with database.transaction():
        for path in scripts:
            database.script(path.read_text(encoding="utf-8"))
        database.change("clear_meta")
        database.change("write_meta", version, views)


def _files(folder: str) -> tuple[Path, ...]:
    return tuple(sorted((assets.root() / "warehouse" / folder).glob("*.sql")))


def _views() -> str:
    return digest(*(path.read_text(encoding="utf-8") for path in _files("views")))
