"""What was measured of nodes before."""

from typing import Protocol

import polars as pl

from tgc.filters.base import MEASURES


class Memory(Protocol):
    """Keeps what filters measure, so that nothing is measured twice."""

    def recall(self, metric: str, node_ids: pl.Series, /) -> pl.DataFrame:
        """What was measured of these nodes by that metric (columns of `MEASURES`), as far as it was."""
        ...

    def remember(self, metric: str, measured: pl.DataFrame, /) -> None:
        """Keep what was measured just now (columns of `MEASURES`), of nodes of which nothing was known."""
        ...


class Forgetful:
    """Knows nothing, and keeps nothing."""

    def recall(self, _metric: str, _node_ids: pl.Series, /) -> pl.DataFrame:
        """Nothing."""
        return pl.DataFrame(schema=MEASURES)

    def remember(self, _metric: str, _measured: pl.DataFrame, /) -> None:
        """Nothing is kept."""


FORGETFUL: Memory = Forgetful()
