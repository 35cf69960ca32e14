"""Frames to DuckDB and back through Arrow's C interface, without pyarrow; free of duckdb.

polars remembers the class of whatever it makes a frame from. Were that a class of duckdb's, or one whose
module holds duckdb, DuckDB would report leaked types when the interpreter ends.
"""

from typing import Protocol


class Streamable(Protocol):
    """What both a polars frame and a DuckDB relation are."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class Stream:
    """Another's Arrow stream."""

    def __init__(self, source: Streamable) -> None:
        self._source = source

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._source.__arrow_c_stream__(requested_schema)
