"""What a reader reads from: a file, or the build that holds it."""

from collections.abc import Mapping
from typing import Protocol

import polars as pl

from tgc.warehouse.header import Value


class Source(Protocol):
    """A database, as far as it is read."""

    @property
    def live(self) -> bool:
        """Whether somebody may be writing to it."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...

    def frame(self, name: str, *values: object, **frames: pl.DataFrame) -> pl.DataFrame:
        """What a statement returns, given its bound values and the frames it reads by name."""
        ...

    def select(self, query: str, values: Mapping[str, Value]) -> pl.DataFrame:
        """The answer to a user's query."""
        ...
