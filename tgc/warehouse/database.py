"""A DuckDB file that takes and gives polars frames; the only module that imports duckdb."""

import re
import time
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Self, cast

import duckdb
import polars as pl
from duckdb.sqltypes import DuckDBPyType

from tgc import assets
from tgc.errors import TgcError, UsageError, WarehouseError, nearest
from tgc.warehouse import memory
from tgc.warehouse.arrow import Stream, StreamError, batches
from tgc.warehouse.header import Value

VERSION = "storage_compatibility_version"
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    VERSION: "v1.5.0",  # DuckDB 1.5 and 2.0 both open it
    "checkpoint_threshold": "1GB",  # the default, 16 MB, rewrites part-filled row groups: 3 times slower
    "enable_external_access": False,
    "python_enable_replacements": False,  # a query never reads Python variables
    "memory_limit": memory.limit(),
}
LAST = "set global TimeZone = 'UTC'; set global lock_configuration = true"
"""Set once a file is open, for zones are known only then: `now()` is UTC, as all times are."""
PLAIN = frozenset(
    {
        *("boolean", "tinyint", "smallint", "integer", "bigint", "hugeint"),
        *("utinyint", "usmallint", "uinteger", "ubigint", "float", "double", "decimal"),
        *("varchar", "uuid", "enum", "null"),
        *("date", "time", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"),
        "timestamp with time zone",
    }
)
"""Types that arrive in polars as what they are; `interval`, `union` and others do not."""
NESTED = frozenset({"list", "struct", "map"})
COMMANDS = frozenset(
    {
        *("checkpoint", "force_checkpoint", "enable_profiling", "disable_profiling"),
        *("enable_logging", "disable_logging", "truncate_duckdb_logs", "write_log"),
    }
)
"""Functions of DuckDB that a `select` may call and that do something to whoever holds the file."""
VIEWS = ("conversations", "fates", "measures", "mix_rows", "mixes", "nodes", "runs", "verdicts")
"""What `docs/reference/sql.md` promises to queries; other names are ours to change."""
UNKNOWN = re.compile(r"Catalog Error: Table with name (.+?) does not exist")
"""What DuckDB says where a query names no table; it goes on with one of ours that is like it."""
HINTS = {
    "Catalog Error": (
        "`lineage('id')`, `conversation('id')` and `search('words')` are tgc's; all others are DuckDB's"
    ),
    "Referenced column": (
        "`describe nodes` lists the columns of `nodes`, and of other views alike; texts go in single quotes"
    ),
    "Could not convert string '0x": "an id is 16 hex digits",
}
"""What is right, by what DuckDB says is wrong."""
READ_ONLY = "it is read-only here"
PIVOT = "`pivot` is one where it says which columns there are: `on fate in ('kept', 'rejected')`"
SELECTS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


HOLDS = ("Conflicting lock", "different configuration", "already attached")
"""What DuckDB says of a file that another process, or this one, has open."""
BUSY = "a build holds it; `tgc sql`, `plan`, `runs`, `tree`, `show`, `diff` and `report` answer meanwhile"


FULL = (
    "Out of Memory",
    "failed to allocate",
    "could not allocate",
    "failed to pin",
    "transaction is aborted",
)
"""What it says where memory is full, or was, when what failed could not even be rolled back."""
TRIES, PULSE = 25, 0.02
"""How often to try again what lacks memory for a moment, and seconds between."""
DAMAGED = re.compile(r"Corrupt WAL file: entry at byte position (\d+)")
"""What it says of a log that is not what was written."""


class HeldError(WarehouseError):
    """Somebody else has the file open, who may be asked instead."""


class MemoryFullError(WarehouseError):
    """All that is asked of the database at this time takes more memory than it may."""


class DamagedLogError(WarehouseError):
    """What was committed last cannot be read back; the log is `whole` up to that many bytes."""

    def __init__(self, path: Path, whole: int) -> None:
        hint = "`tgc doctor --repair-wal` opens it as it was before, and sets the log aside"
        super().__init__(f"the log of the warehouse `{path}` is damaged at byte {whole:,}", hint)
        self.whole = whole


class Database:
    """An open file; statements go by the name of their file in `warehouse/statements/`."""

    live = False

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self._path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path, read_only: bool = False) -> Self:
        """The database of that file; created if it is not there and not read-only."""
        with _wrapped(path):
            connection = duckdb.connect(path, read_only=read_only, config=SETTINGS)
            with suppress(duckdb.InvalidInputException):  # who else has it open in this process did so
                connection.execute(LAST)
            return cls(path, connection)

    def beside(self) -> Self:
        """The same file, for another thread, which has statements and transactions of its own."""
        return type(self)(self._path, self._connection.cursor())

    def interrupt(self) -> None:
        """Have what another thread is asking fail."""
        with suppress(duckdb.Error):  # one that is closed asks nothing
            self._connection.interrupt()

    def close(self) -> None:
        """Give the file back to other processes."""
        with _wrapped(self._path):
            self._connection.close()

    def frame(self, name: str, *values: object, **frames: pl.DataFrame) -> pl.DataFrame:
        """What a statement returns, given its bound values and the frames it reads by name."""
        with _wrapped(self._path), self._given(frames):
            return pl.DataFrame(Stream(self._connection.sql(_statement(name), params=list(values))))

    def frames(self, name: str, *values: object, **frames: pl.DataFrame) -> Generator[pl.DataFrame]:
        """The same in parts, one at least, of which no more than one is in memory."""
        with _wrapped(self._path), self._given(frames):
            yield from _parts(self._connection.sql(_statement(name), params=list(values)))

    def change(self, name: str, *values: object, **frames: pl.DataFrame) -> tuple[Any, ...]:
        """Execute a statement; its first row, or () if it returns none (Any: its columns are its own)."""
        with _wrapped(self._path), self._given(frames):
            rows = self._connection.execute(_statement(name), list(values)).fetchall()
            return rows[0] if rows else ()

    def script(self, text: str) -> None:
        """Execute SQL of our own that binds nothing: a migration or a view."""
        with _wrapped(self._path):
            self._connection.execute(text)

    @contextmanager
    def transaction(self, mode: str = "read write") -> Iterator[None]:
        """All or nothing of what is changed inside."""
        try:
            self.script(f"begin transaction {mode}")
            yield
            self.script("commit")
        except BaseException:
            self._roll_back()
            raise

    def select(self, query: str, values: Mapping[str, Value]) -> pl.DataFrame:
        """The answer to a user's query, which can write nothing and reach no file.

        A name that repeats is numbered (`recipe_1`), and a value of a type that polars lacks becomes text.

        Raises:
            UsageError: when it is not one SELECT, not valid SQL, or its parameters are not the ones given.
        """
        with self.transaction("read only"):
            return pl.concat(self.selected(query, values))

    def selected(self, query: str, values: Mapping[str, Value]) -> Generator[pl.DataFrame]:
        """The same in parts, one at least, of which no more than one is in memory; within a transaction.

        Raises:
            UsageError: as `select`.
        """
        with _blamed():
            statements = self._connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type not in SELECTS:
            pivots = any(statement.type == duckdb.StatementType.MULTI for statement in statements)
            hint = PIVOT if pivots else READ_ONLY
            raise UsageError("the warehouse answers one `select` at a time", hint)
        if command := _command(query):
            raise UsageError(f"`{command}` is no question to the warehouse", READ_ONLY)
        _same_names(statements[0].named_parameters, values)
        with _blamed():
            yield from _parts(_plain(self._connection.sql(statements[0], params=dict(values) or None)))

    def _roll_back(self) -> None:
        """End a transaction, unless what failed has ended it; this takes some memory, too."""
        for _ in range(TRIES):
            try:
                self._connection.rollback()
            except duckdb.Error as error:
                if "no transaction is active" in str(error):
                    return
                time.sleep(PULSE)
            else:
                return

    @contextmanager
    def _given(self, frames: dict[str, pl.DataFrame]) -> Iterator[None]:
        for name, frame in frames.items():
            self._connection.register(name, Stream(frame))
        try:
            yield
        finally:
            for name in frames:
                with suppress(duckdb.Error):  # it goes with a transaction that failed
                    self._connection.unregister(name)


def compact(path: Path) -> None:
    """Copy a database without the space of what was deleted, and put the copy in its place at once.

    DuckDB itself only cuts off what is free at the end of a file. The database is locked meanwhile.
    """
    copy = path.with_name(f"{path.stem}.copy{path.suffix}")
    for left in (copy, copy.with_name(f"{copy.name}.wal")):
        left.unlink(missing_ok=True)
    with _wrapped(path), closing(duckdb.connect(config={VERSION: SETTINGS[VERSION]})) as connection:
        for name, file in (("old", path), ("new", copy)):
            quoted = str(file).replace("'", "''")  # `attach` binds no values
            connection.execute(f"attach '{quoted}' as {name}")
        connection.execute("copy from database old to new")
        connection.execute("detach new")
        copy.replace(path)


@cache
def _statement(name: str) -> str:
    return (assets.root() / "warehouse" / "statements" / f"{name}.sql").read_text(encoding="utf-8")


def _same_names(wanted: Collection[str], given: Collection[str]) -> None:
    for name in sorted(set(wanted) - set(given)):
        raise UsageError(f"the query needs a value for `${name}`", f"`--set {name}=VALUE` gives it one")
    for name in sorted(set(given) - set(wanted)):
        raise UsageError(f"the query has no parameter `${name}`", nearest(name, wanted))


def _command(query: str) -> str | None:
    """The function in a query, if there is one, that does something, though not to tables."""
    text = query.encode()
    starts = [start for start, kind in duckdb.tokenize(query) if kind != duckdb.token_type.comment]
    for start, following in pairwise(starts):
        found = re.match(rb'"?(\w+)', text[start:])
        name = found[1].decode().lower() if found else ""
        if name in COMMANDS and text.startswith(b"(", following):
            return name
    return None


def _parts(answer: duckdb.DuckDBPyRelation) -> Iterator[pl.DataFrame]:
    """The batches of DuckDB; one without rows where there are none, for its columns."""
    found = False
    for batch in batches(Stream(answer)):
        found = True
        yield batch
    if not found:
        yield pl.DataFrame(Stream(answer.limit(0)))


def _plain(answer: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The same, put as polars can take it; each projection has DuckDB plan the query once more."""
    if len(set(map(str.lower, answer.columns))) < len(answer.columns):
        answer = answer.project("*")
    if all(map(_fits, answer.types)):
        return answer
    return answer.project(", ".join(map(_column, answer.columns, answer.types)))


def _column(name: str, kind: DuckDBPyType) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return quoted if _fits(kind) else f"{quoted}::varchar as {quoted}"


def _fits(kind: DuckDBPyType) -> bool:
    return kind.id == "blob" or _is_plain(kind)  # in a list or a struct, a blob cannot be printed


def _is_plain(kind: DuckDBPyType) -> bool:
    if kind.id in NESTED:
        return all(_is_plain(cast("DuckDBPyType", child)) for _, child in kind.children)
    return kind.id in PLAIN


@contextmanager
def _wrapped(path: Path) -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, StreamError) as error:
        raise _explained(path, str(error)) from error


def _explained(path: Path, message: str) -> TgcError:
    if any(sign in message for sign in HOLDS):
        return HeldError(f"the warehouse `{path}` is in use by another process", BUSY)
    if damaged := DAMAGED.search(message):
        return DamagedLogError(path, int(damaged[1]))
    full = any(sign in message for sign in FULL)
    return (MemoryFullError if full else WarehouseError)(f"the warehouse `{path}` failed: {message}")


@contextmanager
def _blamed() -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, StreamError) as error:
        if unknown := UNKNOWN.search(str(error)):
            message = f"the query failed: there is no view `{unknown[1]}`"
            raise UsageError(message, nearest(unknown[1], VIEWS)) from error
        raise UsageError(f"the query failed: {error}", _hint(str(error))) from error


def _hint(message: str) -> str | None:
    """What is right where DuckDB says what is wrong."""
    return next((hint for sign, hint in HINTS.items() if sign in message), None)
