"""Vectors of texts by one embedder, kept beside the database in files that only grow.

In the database ten million of them would take as much room as everything else, many times over.
"""

import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tgc.catalog import SLICE
from tgc.fingerprint import Ids

ABOUT, KEYS, VECTORS = "about.json", "keys.u64", "vectors.f16"

KEY = np.dtype("<u8")
NUMBER = np.dtype("<f2")
"""Half precision tells cosines apart by some ten-thousandths."""

Vectors = NDArray[np.float16]


class Embeddings:
    """Vectors by 64 bits of what a text says (`fingerprint.word`), which no two of millions are likely to share.

    A row's vector is on disk before its key is, so a kill or loss of power at any moment costs the batch that is
    being added, and what it left behind is overwritten. One process at a time adds, that which has the warehouse.

    Args:
        directory: where they are; made with the first vector.
        embedder: what people call that which makes them; for whoever looks into the directory.
    """

    def __init__(self, directory: Path, embedder: str) -> None:
        self._directory = directory
        self._embedder = embedder
        self._width = _width(directory)
        self._keys = _array(directory / KEYS, KEY)[: _rows(directory, self._width)]
        self._order: NDArray[np.intp] | None = None

    def has(self, keys: Ids) -> NDArray[np.bool_]:
        """Of which there are vectors."""
        if not len(self._keys):
            return np.zeros(len(keys), dtype=np.bool_)
        found: NDArray[np.bool_] = self._keys[self._places(keys)] == keys
        return found

    def of(self, keys: Ids) -> Vectors:
        """The vectors of keys that there are, shape (len(keys), width), as they were rounded to be kept."""
        if not len(keys):
            return np.empty((0, self._width), dtype=np.float16)
        held = np.memmap(self._directory / VECTORS, NUMBER, "r", shape=(len(self._keys), self._width))
        return np.asarray(held[self._places(keys)])

    def add(self, keys: Ids, vectors: NDArray[np.floating]) -> None:
        """Keep vectors of keys of which there were none, each once; when this returns they are on disk."""
        rows = len(self._keys)
        if not rows:
            self._begin(vectors.shape[1])
        _append(self._directory / VECTORS, rows * self._width, vectors.astype(NUMBER))
        _append(self._directory / KEYS, rows, keys.astype(KEY))
        self._keys, self._order = np.append(self._keys, keys), None

    def _places(self, keys: Ids) -> NDArray[np.intp]:
        """The rows of keys that there are; of others, any."""
        if self._order is None:
            self._order = np.argsort(self._keys, kind="stable")
        found = np.searchsorted(self._keys, keys, sorter=self._order)
        return self._order.take(found, mode="clip")

    def _begin(self, width: int) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        about = {"embedder": self._embedder, "width": width}
        written = self._directory / f"{ABOUT}.tmp"
        written.write_text(json.dumps(about) + "\n", encoding="utf-8")
        written.replace(self._directory / ABOUT)
        self._width = width


def forget(home: Path, wanted: Collection[str], keys: Ids) -> None:
    """Drop all directories in `home` but those wanted, and from these the vectors of some keys.

    A kill at any moment costs vectors, and leaves none that are wrong.
    """
    for directory in sorted(path for path in home.glob("*") if path.is_dir()):
        if directory.name in wanted:
            _without(directory, keys)
        else:
            shutil.rmtree(directory)


def _without(directory: Path, keys: Ids) -> None:
    held = _array(directory / KEYS, KEY)
    kept = held[~np.isin(held, keys)]
    if len(kept) == len(held):
        return
    fresh = directory.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    before = Embeddings(directory, "")
    after = Embeddings(fresh, _about(directory).get("embedder", ""))
    there = kept[before.has(kept)]
    for start in range(0, len(there), SLICE):
        part = there[start : start + SLICE]
        after.add(part, before.of(part))
    shutil.rmtree(directory)
    if fresh.exists():
        fresh.rename(directory)


def _width(directory: Path) -> int:
    return int(_about(directory).get("width", 0))


def _about(directory: Path) -> dict[str, str]:
    try:
        return dict(json.loads((directory / ABOUT).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}


def _rows(directory: Path, width: int) -> int:
    """How many rows have vectors to the last number."""
    vectors = directory / VECTORS
    return vectors.stat().st_size // (NUMBER.itemsize * width) if width and vectors.is_file() else 0


def _array(path: Path, kind: "np.dtype[np.uint64]") -> Ids:
    if not path.is_file():
        return np.empty(0, dtype=kind)
    whole = path.stat().st_size // kind.itemsize
    return np.fromfile(path, dtype=kind, count=whole)


def _append(path: Path, start: int, values: NDArray[np.generic]) -> None:
    """Write from the number `start` on, over what an interruption may have left there."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.truncate(start * values.itemsize)
        file.seek(0, os.SEEK_END)
        file.write(np.ascontiguousarray(values).data)
        file.flush()
        os.fsync(file.fileno())
