"""Comparing millions of texts by compiled loops on all cores: what `tgc[fast]` is for."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from itertools import chain, repeat

import numpy as np
import polars as pl

from tgc.fingerprint import Ids
from tgc.jaccard import kernels
from tgc.jaccard.shingled import STEPS, Found, Part, Shingled, gathered
from tgc.text.folded import Bytes, Positions, fold, loosened, parts

BLOCK = 4096
"""Texts that are looked up side by side, before they are compared with each other one by one."""

MOST_CORES = 16
"""Each has a mark for every text."""

LEAST, MOST = 1 << 16, 1 << 30
"""Bounds for the slots of tables. Shingles that meet in one count as frequent, which costs time only."""


def read(given: Iterable[Part], ngram: int) -> Shingled:
    """The shingles of texts."""
    with ThreadPoolExecutor(_cores()) as threads:
        return gathered(chain.from_iterable(_each(threads, *part, ngram) for part in given))


def join(read: Shingled, distinct: Positions, threshold: float) -> Found:
    """Of whom each of the distinct texts is a repeat; the shingles read are used up."""
    found = Found.nothing(len(read.said))
    seen = [np.zeros(len(read.said), dtype=np.int32) for _ in range(_cores())]
    with ThreadPoolExecutor(_cores()) as threads:
        sets = _ranked(threads, read, distinct, threshold)
        index = _empty_index(sets, distinct)
        known = (sets, index, kernels.Bounds(threshold, STEPS), found)
        probe = partial(kernels.probe, *known)
        for start in range(0, len(distinct), BLOCK):
            block = distinct[start : start + BLOCK]
            for _ in threads.map(probe, np.array_split(block, _cores()), seen):
                pass
            kernels.settle(*known, block, seen[0])
    return found


def _cores() -> int:
    return min(pl.thread_pool_size(), MOST_CORES)


def _each(threads: Executor, texts: pl.Series, groups: Ids, ngram: int) -> Iterator[Shingled]:
    """Those of some texts, a cache's worth at a time."""
    some = list(parts(texts))
    cuts = np.cumsum([len(part) for part in some], dtype=np.int64)[:-1]
    return threads.map(_read, some, np.split(groups, cuts), repeat(ngram))


def _read(texts: pl.Series, groups: Ids, ngram: int) -> Shingled:
    data, ends = loosened(texts)
    counts = kernels.count_grams(data, ends, ngram)
    left = np.flatnonzero(counts == 0)
    others, others_ends = _others(texts.gather(left))
    counts[left] = np.maximum(kernels.count_grams(others, others_ends, ngram), 1)
    starts = np.concatenate([[0], np.cumsum(counts)])
    into = Shingled(np.empty(len(ends), np.uint64), np.empty(starts[-1], np.uint64), starts)
    kernels.hash_grams(data, ends, np.arange(len(ends)), groups, ngram, into)
    kernels.hash_grams(others, others_ends, left, groups, ngram, into)
    return into


def _others(texts: pl.Series) -> tuple[Bytes, Positions]:
    """Texts that are not in ASCII, or hold loose bytes only: end to end with a space after each, where it ends."""
    told = fold(texts.fill_null(""))
    data = np.frombuffer((told + " ").str.join("").item().encode(), dtype=np.uint8)
    return data, np.cumsum(told.str.len_bytes().to_numpy() + np.uint32(1), dtype=np.int64)


def _ranked(threads: Executor, read: Shingled, distinct: Positions, threshold: float) -> kernels.Sets:
    """What each text shares with any other, in place of its shingles."""
    table = np.zeros(_slots(2 * len(read.shingles)), dtype=np.uint8)
    cores = _cores()
    tally = partial(kernels.tally, table, read, distinct)
    for _ in threads.map(tally, range(cores), repeat(cores)):
        pass
    counts = [np.zeros(len(read.said), dtype=np.int32) for _ in range(3)]
    sets = kernels.Sets(read.shingles, read.starts, *counts)
    rank = partial(kernels.rank, table, sets, threshold)
    for _ in threads.map(rank, np.array_split(distinct, 8 * cores)):
        pass
    return sets


def _empty_index(sets: kernels.Sets, distinct: Positions) -> kernels.Index:
    """Room for the postings of all texts; none for a shingle that is alone in its bucket."""
    weights = np.zeros(_slots(int(sets.prefixes.sum())), dtype=np.int64)
    kernels.weigh(sets, distinct, weights)
    weights[weights == 1] = 0
    starts = np.concatenate([[0], np.cumsum(weights)])
    return kernels.Index(starts, np.zeros(len(weights), np.int32), np.empty((starts[-1], 4), np.uint32))


def _slots(wanted: int) -> int:
    """The next power of two."""
    return min(max(1 << (wanted - 1).bit_length(), LEAST), MOST)
