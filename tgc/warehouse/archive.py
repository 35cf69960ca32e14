"""Every node that the warehouse holds, by the numbers under which they are stored."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from tgc.catalog import NODES, REQUESTS, Places
from tgc.fingerprint import Ids, Parts
from tgc.node import KNOWN
from tgc.warehouse.levels import records
from tgc.warehouse.source import Source

APART = 16_384
"""Numbers between two nodes from which on it pays to ask for each by itself."""


class Stored:
    """An archive of nodes in a database; a `catalog.Archive`, where places are numbers."""

    def __init__(self, database: Source) -> None:
        self._database = database

    def requests(self) -> pl.DataFrame:
        """What models were asked (columns of `REQUESTS`), for each node that one was asked for."""
        return self._database.frame("read_requests").cast(pl.Schema(REQUESTS))

    def askers(self) -> Sequence[Parts] | None:
        """The levels of all runs that asked models for nodes; None where one of these is not known."""
        levels = dict(self._database.frame("read_every_level").iter_rows())
        runs = self._database.frame("read_askers")["run_id"].to_list()
        if not levels.keys() >= {*runs}:
            return None
        return [record.parts for run_id in runs for record in records(levels[run_id]).values()]

    def places(self, node_ids: Ids) -> Places:
        """Where each of these nodes is; -1 where it is not there."""
        wanted = pl.DataFrame({"node_id": node_ids}, schema={"node_id": pl.UInt64})
        located = self._database.frame("read_addresses", wanted=wanted.unique())
        found = wanted.join(located, on="node_id", how="left", maintain_order="left")
        return found["number"].fill_null(-1).to_numpy()

    def texts(self, places: Places) -> pl.DataFrame:
        """What is known (columns `place` and `node.KNOWN`) of the nodes at these places, which ascend."""
        runs = np.split(places, np.flatnonzero(np.diff(places) > APART) + 1)
        return pl.concat([pl.DataFrame(schema=_TEXTS), *(self._run(run) for run in runs if len(run))])

    def _run(self, places: Places) -> pl.DataFrame:
        wanted = pl.DataFrame({"number": places}, schema={"number": pl.Int64})
        found = self._database.frame("read_known", int(places[0]), int(places[-1]), wanted=wanted)
        return found.select(*_TEXTS).cast(pl.Schema(_TEXTS))


_TEXTS = {"place": pl.Int64, **{name: NODES[name] for name in KNOWN}}
