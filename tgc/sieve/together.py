"""Nodes that are compared with each other, put together from slices; their vectors lie in a file."""

from collections.abc import Iterator
from tempfile import TemporaryFile

import numpy as np
import polars as pl

from tgc.sieve.vectors import Vectors

AT_ONCE = 1 << 24
"""Bytes written at a time."""


def together(slices: Iterator[pl.DataFrame], node_ids: pl.Series) -> pl.DataFrame:
    """These nodes in ascending id, as filters see them.

    Of their vectors, if they have any, no more are in memory than are looked at: they are in a file that has no
    name and goes with the frame.

    Raises:
        OSError: the disk is full.
    """
    ordered = node_ids.sort()
    parts: list[pl.DataFrame] = []
    vectors: Vectors | None = None
    for part in slices:
        if "vector" in part.columns:
            made = part["vector"].to_numpy()
            vectors = _room(len(ordered), made.shape[1]) if vectors is None else vectors
            vectors[ordered.search_sorted(part["node_id"]).to_numpy()] = made
        parts.append(part.drop("vector", strict=False))
    whole = pl.concat(parts).sort("node_id")
    return whole if vectors is None else whole.with_columns(pl.Series("vector", vectors))


def _room(rows: int, width: int) -> Vectors:
    """Rows of zeros, for which there is room on the disk."""
    with TemporaryFile() as file:
        size = rows * width * np.dtype(np.float16).itemsize
        for start in range(0, size, AT_ONCE):
            file.write(bytes(min(AT_ONCE, size - start)))
        file.flush()
        return np.memmap(file, np.float16, "r+", shape=(rows, width))
