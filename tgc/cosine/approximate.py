"""The rows kept of very many, found through the cells that they fall into: most of those alike, not all."""

from typing import Any

import numpy as np

from tgc.cosine.nearest import NONE
from tgc.cosine.products import Indices, Units, cosines

PROBES = 32
"""Cells that are looked into: of 300,000 rows they miss one in a hundred that repeat another, at half the cost."""

POINTS = 39
"""Rows by which a cell is placed; faiss warns of fewer."""

ROUNDS = 10
"""How often cells are placed again by the rows that fall into them."""


class Approximate:
    """Of each row, the nearest that was kept in the cells around it (faiss, IVF), if its cosine is high enough.

    A faiss that is built for GPUs looks on the first one; whether two rows are alike is told here.

    Args:
        units: unit rows.
        members: the indices of those that may be kept.
        threshold: the least cosine of rows that are alike.
    """

    def __init__(self, units: Units, members: Indices, threshold: float) -> None:
        import faiss

        cells = max(min(round(4 * len(members) ** 0.5), len(members) // POINTS), 1)
        kind = f"IVF{cells},SQfp16"
        index: Any = faiss.index_factory(units.width, kind, faiss.METRIC_INNER_PRODUCT)  # Any: as `kind` says
        index.nprobe, index.cp.niter = PROBES, ROUNDS
        index.train(units[members[:: max(len(members) // (POINTS * cells), 1)]])
        self._index = faiss.index_cpu_to_gpus_list(index, gpus=[0]) if faiss.get_num_gpus() else index
        self._units = units
        self._threshold = threshold

    def add(self, rows: Indices) -> None:
        """Keep more rows."""
        self._index.add_with_ids(self._units[rows], rows)

    def like(self, rows: Indices) -> Indices:
        """For each row the nearest found, if it is like it, else `NONE`."""
        _, found = self._index.search(self._units[rows], 1)
        nearest: Indices = found[:, 0]
        known = np.flatnonzero(nearest != NONE)
        alike = cosines(self._units, rows[known], nearest[known]) >= self._threshold
        nearest[known[~alike]] = NONE
        return nearest
