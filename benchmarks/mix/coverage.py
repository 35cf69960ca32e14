"""How well few rows stand for many, by each way of choosing them: `python benchmarks/mix/coverage.py`.

The rows are vectors of clusters of which few are large and most are small, as topics are in a corpus, with a share
of rows that are like no other. Of those chosen it is told how like the others are to the most like one, in the
mean and at the worst, from how many clusters there is one, how many are of no cluster, and the seconds of CPU.
"""

import argparse
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tgc.lexical import SCALE, Vectors
from tgc.mixing.preferred.apart import apart
from tgc.mixing.preferred.covering import covering

BLOCK = 4_096

Ways = dict[str, Callable[[Vectors], Iterator[int]]]
WAYS: Ways = {
    "by hash": lambda vectors: iter(range(len(vectors))),
    "k_center": apart,
    "facility_location": covering,
}


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """Vectors in hash order, and the cluster of each; -1 for none."""

    vectors: Vectors
    clusters: NDArray[np.int64]


def main() -> None:
    """Print a line for each way and number of rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--clusters", type=int, default=200)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--strays", type=float, default=0.02)
    parser.add_argument("--chosen", type=int, nargs="+", default=[100, 500, 2_000])
    given = parser.parse_args()
    corpus = clustered(given.rows, given.clusters, given.width, given.strays)
    print(f"{platform.machine()}, {given.rows:,} rows of {given.width} numbers in {given.clusters} clusters")
    for name, order in WAYS.items():
        for count in given.chosen:
            started = time.process_time()
            rows = np.fromiter(islice(order(corpus.vectors), count), np.int64)
            print(line(name, corpus, rows, time.process_time() - started), flush=True)


def clustered(rows: int, clusters: int, width: int, strays: float) -> Corpus:
    """Clusters whose sizes go as 1, 1/2, 1/3 and so on, around centres that are unlike each other."""
    draw = np.random.default_rng(7)
    sizes = 1 / np.arange(1, clusters + 1)
    of = draw.choice(clusters, rows, p=sizes / sizes.sum())
    of[draw.random(rows) < strays] = -1
    centres, own = draw.standard_normal((clusters, width)), draw.standard_normal((rows, width))
    mixed = np.where(of[:, None] < 0, own, centres[of] + own * draw.uniform(0.3, 1.2, (rows, 1)))
    unit = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    return Corpus((unit * SCALE).round().astype(np.float32), of)


def line(name: str, corpus: Corpus, rows: NDArray[np.int64], seconds: float) -> str:
    """What came of some rows."""
    others = np.delete(np.arange(len(corpus.vectors)), rows)
    likes = np.concatenate(
        [
            (corpus.vectors[others[start : start + BLOCK]] @ corpus.vectors[rows].T).max(axis=1)
            for start in range(0, len(others), BLOCK)
        ]
    )
    of = corpus.clusters[rows]
    told = f"mean {likes.mean() / SCALE**2:.3f}, least {likes.min() / SCALE**2:.3f}"
    found = f"{len(np.unique(of[of >= 0]))} clusters, {(of < 0).sum()} of none"
    return f"{name:<18} {len(rows):>6,}  {told}  {found:<26} {seconds:7.1f} s of CPU"


if __name__ == "__main__":
    main()
