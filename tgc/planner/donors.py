"""Who has the answer to a request already."""

import numpy as np
import polars as pl

from tgc.fingerprint import Ids


class Donors:
    """The nodes held that a model was asked for, by what it was asked; of several with one request the last id's.

    Args:
        requests: of nodes (`node_id`) what a model was asked for them (`request_key`), all in 64 bits.
        held: the nodes that count, ascending.
    """

    def __init__(self, requests: pl.DataFrame, held: Ids) -> None:
        there = requests.join(pl.DataFrame({"node_id": held}), on="node_id", how="semi")
        ordered = there.sort("request_key", "node_id")
        self._keys: Ids = ordered["request_key"].to_numpy()
        self._ids: Ids = ordered["node_id"].to_numpy()

    def __bool__(self) -> bool:
        return bool(len(self._keys))

    def find(self, keys: Ids) -> Ids:
        """For each request the node that has its answer, or 0."""
        if not self:
            return np.zeros(len(keys), dtype=np.uint64)
        order = np.argsort(keys)  # neighbours are found together: a tenth of the time
        wanted = keys[order]
        places = np.maximum(np.searchsorted(self._keys, wanted, side="right") - 1, 0)
        found = np.empty_like(keys)
        found[order] = np.where(self._keys[places] == wanted, self._ids[places], np.uint64(0))
        return found
