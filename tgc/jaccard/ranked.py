"""The shingles that several texts hold, by rarity, as numpy and polars compare them."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tgc.jaccard.shingled import SLACK, Shingled
from tgc.text.folded import Positions

AT_ONCE = 4_000_000
"""Shingles looked up together."""


@dataclass(frozen=True, slots=True, eq=False)
class Sets:
    """Shingles that several texts hold, text by text, the rarest first; a shingle is its rank by rarity.

    Attributes:
        keys: of each text and shingle, ascending, as `count * text + shingle`.
        shingles: of all texts.
        count: how many different ones there are.
        starts: where those of each text start.
        shared: how many of them each text has.
        prefixes: how many of them, the first ones, two similar texts cannot both lack.
        sizes: how many shingles it has, those of its own included.
    """

    keys: Positions
    shingles: Positions
    count: int
    starts: Positions
    shared: Positions
    prefixes: Positions
    sizes: Positions


def ranked(read: Shingled, distinct: Positions, threshold: float) -> Sets:
    """The sets of the distinct texts."""
    texts = len(read.said)
    members = pl.DataFrame(
        {"text": np.repeat(np.arange(texts), np.diff(read.starts)), "shingle": read.shingles}
    ).unique()
    members = members.filter(pl.col("text").is_in(pl.Series(distinct).implode()))
    sizes = np.bincount(members["text"].to_numpy(), minlength=texts)
    rarity = _rarity(members)
    found = members.join(rarity, on="shingle").sort("text", "rank")
    shingles = found["rank"].cast(pl.Int64).to_numpy()
    shared = np.bincount(found["text"].to_numpy(), minlength=texts)
    needed = np.ceil(threshold * sizes - SLACK).astype(np.int64)
    return Sets(
        keys=found["text"].to_numpy() * rarity.height + shingles,
        shingles=shingles,
        count=rarity.height,
        starts=np.cumsum(shared) - shared,
        shared=shared,
        prefixes=np.clip(shared - needed + 1, 0, shared),
        sizes=sizes,
    )


def overlaps(sets: Sets, some: Positions, others: Positions) -> Positions:
    """How many shingles the texts of each pair share."""
    step = max(1, AT_ONCE // max(1, int(sets.shared.max(initial=1))))
    starts = range(0, len(some), step)
    parts = [_overlaps(sets, some[at : at + step], others[at : at + step]) for at in starts]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def spread(starts: Positions, counts: Positions) -> Positions:
    """So many places from each start on, end to end.

    >>> spread(np.array([7, 0]), np.array([2, 3])).tolist()
    [7, 8, 0, 1, 2]
    """
    return np.arange(counts.sum()) + np.repeat(starts - np.cumsum(counts) + counts, counts)


def _rarity(members: pl.DataFrame) -> pl.DataFrame:
    held = members.group_by("shingle").len().filter(pl.col("len") > 1)
    return held.sort("len", "shingle").with_row_index("rank")


def _overlaps(sets: Sets, some: Positions, others: Positions) -> Positions:
    counts = sets.shared[some]
    pair = np.repeat(np.arange(len(some)), counts)
    wanted = others[pair] * sets.count + sets.shingles[spread(sets.starts[some], counts)]
    places = np.minimum(np.searchsorted(sets.keys, wanted), len(sets.keys) - 1)
    return np.bincount(pair, weights=sets.keys[places] == wanted, minlength=len(some)).astype(np.int64)
