"""How fast vectors are dropped that are like others: `semantic.py [--siblings N] [--rows N] [--threshold T]`.

Among siblings: a million vectors of 384 numbers in groups of 20, 100 and 400. Globally: all with each other, by
all products (numpy), by the bound, on a GPU where there is one, and by faiss. Vectors are drawn at random with the
spectrum of what all-MiniLM-L6-v2 makes of docstrings: their mean has a length of 0.34, and variances fall as
exp(-i/100) over the root of i. A twentieth are copies of others with noise, with cosines from 0.8 on. Recall is
the share of what truly repeats that is dropped; wrong is what is dropped and repeats nothing; both by all
products. Without faiss (`pip install 'tgc[ann]'`) its line is left out. `cpu` are seconds of all cores.
"""

import argparse
import os
import platform
import resource
import time
from functools import partial
from importlib.util import find_spec

import numpy as np
import polars as pl

from tgc.cosine import Approximate, Elsewhere, Exact, repeats
from tgc.cosine.greedy import Keep
from tgc.cosine.nearest import NONE, SLAB
from tgc.cosine.products import Indices, Units, Vectors, cosines, places, slack
from tgc.engine.services.products import Held, gpu

WIDTH = 384
COPIES = 0.05
MEAN = 0.34
AT_ONCE = 50_000
MOST = 100_000
"""Rows up to which all products are made; beyond, what the bound finds is the truth."""


class Products:
    """All products of every row with every one that was kept: what comparing costs without a bound."""

    def __init__(self, units: Units, members: Indices, threshold: float) -> None:  # noqa: ARG002 - a `Keep`
        self._units, self._threshold = units, threshold
        self._kept = np.empty(0, dtype=np.int64)

    def add(self, rows: Indices) -> None:
        """Keep more rows."""
        self._kept = np.append(self._kept, rows)

    def like(self, rows: Indices) -> Indices:
        """For each row the first that was kept and is like it."""
        found = np.full(len(rows), NONE, dtype=np.int64)
        for start in range(0, len(self._kept), SLAB):
            kept = self._kept[start : start + SLAB]
            one, other = places(self._units[rows] @ self._units[kept].T >= self._threshold - slack(WIDTH))
            alike = cosines(self._units, rows[one], kept[other]) >= self._threshold
            repeating, firsts = np.unique(one[alike], return_index=True)
            new = found[repeating] == NONE
            found[repeating[new]] = kept[other[alike][firsts[new]]]
        return found


def vectors(rows: int, seed: int = 0) -> Vectors:
    """Rows as described above."""
    random = np.random.default_rng(seed)
    axes = np.arange(1, WIDTH + 1)
    spread = (axes**-0.25 * np.exp(-axes / 200)).astype(np.float32)
    spread *= np.sqrt((1 - MEAN**2) / (spread**2).sum())
    mean = np.full(WIDTH, MEAN / np.sqrt(WIDTH), dtype=np.float32)
    found = np.empty((rows, WIDTH), dtype=np.float32)
    for start in range(0, rows, AT_ONCE):
        part = found[start : start + AT_ONCE]
        part[:] = random.standard_normal(part.shape, dtype=np.float32) * spread + mean
    copied, copies = random.integers(rows, size=(2, int(rows * COPIES)))
    noise = random.standard_normal((len(copies), WIDTH), dtype=np.float32) * spread
    found[copies] = found[copied] + noise * random.uniform(0, 0.7, (len(copies), 1)).astype(np.float32)
    return found


def timed(
    found: Vectors, threshold: float, size: int | None = None, keep: Keep = Exact
) -> tuple[str, pl.DataFrame]:
    """Seconds by the clock and of all cores, and what is dropped, in groups of one size or all together."""
    groups = None if size is None else (np.arange(len(found)) // size).astype(np.uint64)
    clock, cpu = time.monotonic(), time.process_time()
    dropped = repeats(found, threshold, groups, keep)
    return f"{time.monotonic() - clock:6.1f}  {time.process_time() - cpu:6.1f}  {dropped.height:>7,}", dropped


def siblings(rows: int, threshold: float) -> None:
    """Print how long groups take."""
    found = vectors(rows)
    print(f"{rows:,} vectors, in groups of ".ljust(33) + "      s     cpu  dropped")
    for size in (20, 100, 400):
        print(f"{size:<33} {timed(found, threshold, size)[0]}")


def everything(rows: int, threshold: float) -> None:
    """Print how long all together take, by each way, and what of it is right."""
    found = vectors(rows)
    ways: dict[str, Keep] = {"numpy, all products": Products} if rows <= MOST else {}
    ways["tgc, exact"] = Exact
    if device := gpu():
        ways["tgc, exact, on a GPU"] = partial(Elsewhere, hold=partial(Held, device=device))
    if find_spec("faiss"):
        ways["tgc, approximate (faiss IVF)"] = Approximate
    print(f"\n{rows:,} vectors, all together".ljust(34) + "      s     cpu  dropped  recall  wrong")
    truth: set[int] = set()
    for name, keep in ways.items():
        seconds, dropped = timed(found, threshold, keep=keep)
        texts = set(dropped["text"])
        truth = truth or texts
        recall, wrong = len(truth & texts) / max(len(truth), 1), len(texts - truth)
        print(f"{name:33} {seconds}  {recall:.4f}  {wrong:>5,}", flush=True)


def main() -> None:
    """Print the machine, both tables, and the memory that they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--siblings", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--threshold", type=float, default=0.9)
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"numpy {np.__version__}, threshold {given.threshold}\n")
    if given.siblings:
        siblings(given.siblings, given.threshold)
    if given.rows:
        everything(given.rows, given.threshold)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"\npeak memory {peak:.1f} GB")


if __name__ == "__main__":
    main()
