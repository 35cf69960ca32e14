"""A database that a build holds, read by asking the build."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import polars as pl

from tgc import __version__
from tgc.errors import TgcError, WarehouseError
from tgc.warehouse import place, wire
from tgc.warehouse.header import Value

GREETING = 30.0
"""Seconds in which a build says something."""


class Remote:
    """Reads as a `Database` does, in one snapshot of what is committed when it is opened."""

    live = True

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    @classmethod
    def open(cls, path: Path) -> Self | None:
        """The database of that file as the process that holds it gives it; None where none answers.

        Raises:
            WarehouseError: it is another tgc, or says nothing.
        """
        line = place.knocked(path)
        if line is None:
            return None
        try:
            line.settimeout(GREETING)
            _greeted(line)
            line.settimeout(None)
        except wire.HangUpError as gone:
            line.close()
            if isinstance(gone.__cause__, TimeoutError):
                hint = "it may have been stopped with Ctrl-Z; `fg` lets it go on"
                raise WarehouseError("a build holds the warehouse and does not answer", hint) from gone
            return None
        except WarehouseError:
            line.close()
            raise
        return cls(line)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def frame(self, name: str, *values: object, **frames: pl.DataFrame) -> pl.DataFrame:
        """What a statement returns, given its bound values and the frames it reads by name."""
        return self._answer({"statement": name, "values": values}, frames)

    def select(self, query: str, values: Mapping[str, Value]) -> pl.DataFrame:
        """The answer to a user's query, as `Database.select` gives it.

        Raises:
            UsageError: as there.
        """
        return self._answer({"query": query, "values": dict(values)}, {})

    def _answer(self, asked: dict[str, object], frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        with _kept(self._line):
            wire.ask(self._line, asked, frames)
            parts, failure = _received(self._line)
        if failure is not None:
            raise failure
        return pl.concat(parts)


def _received(line: socket.socket) -> tuple[list[pl.DataFrame], TgcError | None]:
    """The parts of an answer, or why there is none."""
    parts: list[pl.DataFrame] = []
    while True:
        kind, content = wire.receive(line)
        match kind:
            case wire.FRAME:
                parts.append(wire.frame(content))
            case wire.END:
                return parts, None
            case wire.FAILURE:
                return [], wire.failure(content)
            case _:
                raise wire.HangUpError


@contextmanager
def _kept(line: socket.socket) -> Iterator[None]:
    """Hang up when an answer is not heard to its end, for what is left of it would be taken for the next."""
    try:
        yield
    except wire.HangUpError as gone:
        line.close()
        raise WarehouseError(
            "the build that was asked has ended", "ask again: the file is free now"
        ) from gone
    except BaseException:
        line.close()
        raise


def _greeted(line: socket.socket) -> None:
    """Hear what the build is.

    Raises:
        HangUpError: it says nothing.
        WarehouseError: it is of another tgc.
    """
    kind, content = wire.receive(line)
    said = json.loads(content) if kind == wire.GREETING else {}
    if said.get("speech") != wire.speech():
        theirs = said.get("tgc", "another version")
        message = f"the build that holds the warehouse is of another tgc ({theirs}; this is {__version__})"
        raise WarehouseError(message, "the file is free when it ends")
