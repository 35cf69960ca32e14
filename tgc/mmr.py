"""Maximal Marginal Relevance among siblings (Carbonell & Goldstein, SIGIR 1998), in a form that only appends."""

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def pick(
    vectors: Vectors, count: int, oversample: float, diversity: float, chosen: Sequence[int] = ()
) -> list[int]:
    """Indices of `count` siblings in the order they are picked, those `chosen` before first.

    The k-th pick maximises (1 - diversity) · similarity to the centre of its pool - diversity · similarity to
    the nearest pick so far, over the pool of the first ⌈k · oversample⌉ siblings. As the pool of a pick does not
    depend on `count`, the picks of a smaller count are a prefix of those of a larger one: raising a branch
    appends. Ties go to the earlier sibling.

    Args:
        vectors: unit rows, shape (siblings, width), in sibling order; at least ⌈count · oversample⌉ rows.
        count: siblings to pick.
        oversample: draws per pick, at least 1.
        diversity: weight of novelty, 0 to 1; the paper's trade-off lambda is 1 - diversity.
        chosen: the picks of a smaller count, in order.

    >>> pick(np.eye(4, dtype=np.float32)[[0, 0, 1, 2]], count=2, oversample=2.0, diversity=0.5)
    [0, 2]
    """
    picked = list(chosen[:count])
    sums = vectors.cumsum(axis=0, dtype=np.float64)
    closest = (
        (vectors @ vectors[picked].T).max(axis=1) if picked else np.zeros(len(vectors), dtype=np.float32)
    )
    while len(picked) < count:
        pool = ceil((len(picked) + 1) * oversample)
        best = _best(vectors[:pool], sums[pool - 1], closest[:pool], picked, diversity)
        similar = vectors @ vectors[best]
        closest = np.maximum(closest, similar) if picked else similar
        picked.append(best)
    return picked


def _best(
    pool: Vectors, total: NDArray[np.float64], closest: Vectors, picked: Sequence[int], diversity: float
) -> int:
    relevance = pool @ (total / max(float(np.linalg.norm(total)), 1e-12))
    score = (1 - diversity) * relevance - diversity * closest
    score[list(picked)] = -np.inf
    return int(np.argmax(score.round(5)))
