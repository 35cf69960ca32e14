"""A file that somebody asks who may lose patience: Ctrl-C stops their query.

Python hears of a signal between two of its own instructions only, and a query is one call, however long it takes.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import polars as pl

from tgc.warehouse.database import Database
from tgc.warehouse.header import Value

PULSE = 0.05
"""Seconds between two attempts to stop a query, which may have been between two steps."""


class Attended(Database):
    """A database that is asked from a thread of its own."""

    def select(self, query: str, values: Mapping[str, Value]) -> pl.DataFrame:
        """The answer to a user's query, as `Database.select` gives it; an interruption ends it.

        Raises:
            UsageError: as there.
        """
        ask = super().select
        with ThreadPoolExecutor(1) as pool:
            return _awaited(pool.submit(ask, query, values), self.interrupt)


def _awaited(answer: Future[pl.DataFrame], stop: Callable[[], None]) -> pl.DataFrame:
    try:
        return answer.result()
    except BaseException:
        while not answer.done():
            stop()
            wait([answer], PULSE)
        raise
