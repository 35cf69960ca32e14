"""Which kept texts hold a shingle in their prefixes, and whom texts meet there."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tgc.jaccard.ranked import Sets, spread
from tgc.text.folded import Positions


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """Texts that hold a shingle both, text by text, in the order of its shingles, the last others first.

    Attributes:
        rest: how many shared shingles the text has after it.
        others_rest: how many the other has.
    """

    texts: Positions
    rest: Positions
    others: Positions
    others_rest: Positions


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """Where texts will be met: for each shingle of a text's prefix, so many others before an end.

    Attributes:
        texts: ascending.
        others: texts, in which `ends` are places; `others_rest` is as in `Met`.
    """

    texts: Positions
    rest: Positions
    ends: Positions
    counts: Positions
    others: Positions
    others_rest: Positions

    def first(self, most: int) -> "Meetings":
        """The first ones of each text, one more than so many at most."""
        before = np.cumsum(self.counts) - self.counts
        spent = before - before[np.searchsorted(self.texts, self.texts)]
        counts = np.clip(most + 1 - spent, 0, self.counts)
        return Meetings(self.texts, self.rest, self.ends, counts, self.others, self.others_rest)

    def parts(self, size: int) -> Iterator[Met]:
        """All of them; so many at a time, or those of one text."""
        firsts = np.flatnonzero(np.diff(self.texts, prepend=-1))
        total = np.cumsum(self.counts) - self.counts
        _, starts = np.unique(total[firsts] // size, return_index=True)
        bounds = np.append(firsts[starts], len(self.texts))
        for start, end in pairwise(bounds.tolist()):
            yield self._part(slice(start, end))

    def _part(self, part: slice) -> Met:
        counts, ends = self.counts[part], self.ends[part]
        back = spread(np.zeros_like(counts), counts)
        places = np.repeat(ends - 1, counts) - back
        return Met(
            texts=np.repeat(self.texts[part], counts),
            rest=np.repeat(self.rest[part], counts),
            others=self.others[places],
            others_rest=self.others_rest[places],
        )


class Postings:
    """Kept texts by the shingles of their prefixes; none at first."""

    def __init__(self, sets: Sets) -> None:
        self._sets = sets
        held = np.bincount(sets.shingles[self._prefixes(np.arange(len(sets.sizes)))], minlength=sets.count)
        self._starts = np.cumsum(held) - held
        self._filled = np.zeros_like(held)
        self._texts, self._rest = np.empty(held.sum(), dtype=np.int64), np.empty(held.sum(), dtype=np.int64)

    def add(self, texts: Positions) -> None:
        """Keep more texts."""
        shingles, holders, rest, ranks = self._sorted(texts)
        places = self._starts[shingles] + self._filled[shingles] + ranks
        self._texts[places], self._rest[places] = holders, rest
        self._filled[shingles] = places - self._starts[shingles] + 1  # the last of a shingle is the highest

    def before(self, texts: Positions) -> Meetings:
        """Whom texts meet of those kept."""
        holders, rest = self._held_by(texts)
        shingles = self._sets.shingles[self._prefixes(texts)]
        counts = self._filled[shingles]
        return Meetings(holders, rest, self._starts[shingles] + counts, counts, self._texts, self._rest)

    def beside(self, texts: Positions) -> Meetings:
        """Whom texts meet of the earlier ones among themselves."""
        _, holders, rest, ranks = self._sorted(texts)
        order = np.argsort(holders, kind="stable")
        return Meetings(holders[order], rest[order], order, ranks[order], holders, rest)

    def _prefixes(self, texts: Positions) -> Positions:
        return spread(self._sets.starts[texts], self._sets.prefixes[texts])

    def _held_by(self, texts: Positions) -> tuple[Positions, Positions]:
        """For each shingle of their prefixes the text, and how many shared shingles it has after it."""
        counts = self._sets.prefixes[texts]
        within = spread(np.zeros_like(counts), counts)
        return np.repeat(texts, counts), np.repeat(self._sets.shared[texts] - 1, counts) - within

    def _sorted(self, texts: Positions) -> tuple[Positions, Positions, Positions, Positions]:
        """Shingles of prefixes, those alike together; of each the text, the rest, and how many are before it."""
        holders, rest = self._held_by(texts)
        shingles = self._sets.shingles[self._prefixes(texts)]
        order = np.argsort(shingles, kind="stable")
        alike = shingles[order]
        ranks = np.arange(len(alike)) - np.searchsorted(alike, alike)
        return alike, holders[order], rest[order], ranks
