"""Rows that repeat an earlier one: greedily, so that no two that are kept are alike."""

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from tgc.cosine.nearest import NONE, Exact, Nearest
from tgc.cosine.products import CELLS, Given, Indices, Mask, Units, alike, cosines
from tgc.fingerprint import Ids

BLOCK = 1_024
"""Rows of a large group that are compared with each other, before those left are with the ones kept earlier."""

Keep = Callable[[Units, Indices, float], Nearest]
"""Finds rows like those that were kept; given unit rows, the indices of a group, and the least cosine."""


def repeats(vectors: Given, threshold: float, groups: Ids | None = None, keep: Keep = Exact) -> pl.DataFrame:
    """The rows that repeat an earlier one: index `text`, index `of` the one kept for it, their `score`.

    Rows are taken in their order; one is dropped when its cosine with one that was kept is at least `threshold`.
    So no two kept rows are that alike, and every dropped one is like the kept one named, which is the first such.
    Cosines have six digits, and neither machines nor the blocks in which rows are compared change what is dropped.

    Args:
        vectors: of any length, shape (rows, width); a row of zeros is like no other.
        threshold: the least cosine, above 0.
        groups: of each row the group within which it is compared; without, all are one.
        keep: how the rows kept of more than `BLOCK` are asked.
    """
    units = Units(vectors)
    of = np.full(len(units), NONE, dtype=np.int64)
    for members in _by_size(groups, len(units)):
        if members.shape[1] <= BLOCK:
            for part in _batches(members, units.width):
                of[part] = _together(units, part, threshold)
        else:
            for group in members:
                of[group] = _in_blocks(units, group, threshold, keep(units, group, threshold))
    texts = np.flatnonzero(of != NONE)
    return pl.DataFrame({"text": texts, "of": of[texts], "score": cosines(units, texts, of[texts])})


def _by_size(groups: Ids | None, count: int) -> Iterator[Indices]:
    """The members of all groups of one size, in their order: shape (groups, size); none of those of one row."""
    known = np.zeros(count, dtype=np.uint64) if groups is None else groups
    order = np.argsort(known, kind="stable")
    starts = np.flatnonzero(np.append(True, known[order][1:] != known[order][:-1])[:count])
    sizes = np.diff(starts, append=count)
    for size in np.unique(sizes[sizes > 1]).tolist():
        yield order[starts[sizes == size][:, None] + np.arange(size)]


def _batches(members: Indices, width: int) -> Iterator[Indices]:
    """So many groups at a time that their vectors and products take some ten megabytes."""
    step = max(CELLS // (members.shape[1] * max(members.shape[1], width)), 1)
    return (members[start : start + step] for start in range(0, len(members), step))


def _together(units: Units, members: Indices, threshold: float) -> Indices:
    """Of each member of each group the one it repeats."""
    of = _first_kept(alike(units, members, threshold))
    return np.where(of == NONE, NONE, np.take_along_axis(members, of, axis=1))


def _first_kept(pairs: Mask) -> Indices:
    """Of each member of each group the place of the first that it is like and that itself repeats none."""
    of = np.full(pairs.shape[:2], NONE, dtype=np.int64)
    repeating = np.tril(pairs, -1).any(axis=(0, 2))
    for place in np.flatnonzero(repeating).tolist():
        matches = pairs[:, place, :place] & (of[:, :place] == NONE)
        of[:, place] = np.where(matches.any(axis=1), matches.argmax(axis=1), NONE)
    return of


def _in_blocks(units: Units, group: Indices, threshold: float, kept: Nearest) -> Indices:
    """Of each member of a group the one it repeats; each block is compared with what was kept of those before."""
    of = np.empty_like(group)
    for start in range(0, len(group), BLOCK):
        block = group[start : start + BLOCK]
        found = kept.like(block)
        left = np.flatnonzero(found == NONE)
        found[left] = _together(units, block[left][None], threshold)[0]
        kept.add(block[found == NONE])
        of[start : start + BLOCK] = found
    return of
