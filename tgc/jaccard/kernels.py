"""The loops over shingles, compiled by numba (`tgc[fast]`). They hold no lock, so that threads share the work."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tgc.fingerprint import Ids
from tgc.jaccard.shingled import KEPT, SLACK, Found, Shingled
from tgc.text.folded import BASE, SPACE, Bytes, Positions

OFFSET, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
"""Of FNV-1a, by which words are hashed."""

MOST = 255
"""How many texts are told apart from more by the table of counts."""

RARITY = np.uint64(56)
"""A shingle that is compared has its count in the bits from here on, and below them those of its hash."""

Marks = NDArray[np.int32]

_Loop = TypeVar("_Loop", bound=Callable[..., object])


class Sets(NamedTuple):
    """The shingles of each text that others hold too, without repeats, the rarest first.

    Attributes:
        shingles: of all texts; those of each start where all its shingles did.
        starts: where those of each text start; they may end before the next one's do.
        shared: how many of them there are.
        prefixes: how many of them, the first ones, two similar texts cannot both lack.
        sizes: how many shingles the text has, those of its own included.
    """

    shingles: Ids
    starts: Positions
    shared: Marks
    prefixes: Marks
    sizes: Marks


class Index(NamedTuple):
    """Which kept texts hold a shingle in their prefixes: buckets of postings.

    Attributes:
        starts: where each bucket starts, and where the last one ends.
        filled: how many postings there are in each.
        postings: each a text, the lower bits of the shingle, how many shared shingles the text has after it,
            and the text's size.
    """

    starts: Positions
    filled: Marks
    postings: NDArray[np.uint32]


class Bounds(NamedTuple):
    """From what similarity on texts are repeats, and what comparing one may cost.

    Steps are postings that are looked at, and shingles of others that are compared.
    """

    threshold: float
    steps: int


def _compiled(loop: _Loop) -> _Loop:
    """The function as machine code, which is kept on disk where that can be written."""
    try:
        return cast("_Loop", njit(nogil=True, cache=True)(loop))
    except RuntimeError:  # numba finds no folder for it
        return cast("_Loop", njit(nogil=True)(loop))


@_compiled
def mixed(bits: np.uint64) -> np.uint64:
    """The finalizer of splitmix64: every bit depends on all (Steele et al., OOPSLA 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@_compiled
def count_grams(data: Bytes, ends: Positions, n: int) -> Positions:
    """How many n-grams each text has; a text of fewer words has one, one of none has none."""
    counts = np.empty(len(ends), dtype=np.int64)
    start = 0
    for text in range(len(ends)):
        words, before = 0, SPACE
        for letter in data[start : ends[text]]:
            words += letter != SPACE and before == SPACE
            before = letter
        start = ends[text]
        counts[text] = max(words - n + 1, min(words, 1))
    return counts


@_compiled
def hash_grams(data: Bytes, ends: Positions, texts: Positions, groups: Ids, n: int, into: Shingled) -> None:
    """Fill in what some texts say; words are what spaces part."""
    highest = np.uint64(1)
    for _ in range(n):
        highest *= BASE
    last = np.zeros(n, dtype=np.uint64)
    at = 0
    for number, end in enumerate(ends):
        text = texts[number]
        group = mixed(groups[text])
        said, gram, words, out = np.uint64(0), np.uint64(0), 0, into.starts[text]
        last[:] = 0
        while at < end:
            word = OFFSET
            while at < end and data[at] != SPACE:
                word = (word ^ np.uint64(data[at])) * PRIME
                at += 1
            at += 1
            if word == OFFSET:
                continue
            word = mixed(word)
            said = (said + word) * BASE
            gram = gram * BASE + word - last[words % n] * highest
            last[words % n] = word
            words += 1
            if words >= n:
                into.shingles[out] = mixed(gram ^ group)
                out += 1
        at = end
        into.said[text] = mixed(said ^ group)
        if words < n:
            into.shingles[out] = mixed(into.said[text])


@_compiled
def tally(table: Bytes, read: Shingled, texts: Positions, part: int, parts: int) -> None:
    """Count shingles as far as a table goes, in one part of it only, so that threads do not meet."""
    mask = np.uint64(len(table) - 1)
    first, end = np.uint64(len(table) * part // parts), np.uint64(len(table) * (part + 1) // parts)
    for text in texts:
        for shingle in read.shingles[read.starts[text] : read.starts[text + 1]]:
            slot = shingle & mask
            if first <= slot < end and table[slot] < MOST:
                table[slot] += 1


@_compiled
def rank(table: Bytes, sets: Sets, threshold: float, texts: Positions) -> None:
    """Leave the shingles that a text shares, rarest first; none where it has too many of its own to be similar."""
    mask = np.uint64(len(table) - 1)
    for text in texts:
        start, own, out = sets.starts[text], 0, sets.starts[text]
        for at in range(start, sets.starts[text + 1]):
            shingle = sets.shingles[at]
            count = table[shingle & mask]
            if count == 1:
                own += 1
            else:
                sets.shingles[out] = (np.uint64(count) << RARITY) | (shingle >> np.uint64(8))
                out += 1
        kept = sets.shingles[start:out]
        kept.sort()
        shared = 0
        for at in range(len(kept)):
            if at == 0 or kept[at] != kept[at - 1]:
                kept[shared] = kept[at]
                shared += 1
        size = own + shared
        prefix = size - int(np.ceil(threshold * size - SLACK)) + 1 - own
        sets.sizes[text] = size
        sets.shared[text] = shared if prefix > 0 else 0
        sets.prefixes[text] = min(max(prefix, 0), shared)


@_compiled
def bucket(shingle: np.uint64, buckets: int) -> np.int64:
    """Where the postings of a shingle are."""
    return np.int64((shingle >> np.uint64(32)) & np.uint64(buckets - 1))


@_compiled
def weigh(sets: Sets, texts: Positions, weights: Positions) -> None:
    """Count for each bucket the postings it may get."""
    for text in texts:
        start = sets.starts[text]
        for shingle in sets.shingles[start : start + sets.prefixes[text]]:
            weights[bucket(shingle, len(weights))] += 1


@_compiled
def probe(sets: Sets, index: Index, bounds: Bounds, found: Found, texts: Positions, seen: Marks) -> None:
    """Find for texts the most similar ones that are indexed; `seen` is a thread's own."""
    for text in texts:
        _search(sets, index, bounds, found, text, 0, seen)


@_compiled
def settle(sets: Sets, index: Index, bounds: Bounds, found: Found, texts: Positions, seen: Marks) -> None:
    """Compare texts with each other, after they were with those before; index what is kept."""
    for text in texts:
        _search(sets, index, bounds, found, text, texts[0], seen)
        if found.of[text] == KEPT:
            _post(sets, index, text)


@_compiled
def _search(
    sets: Sets, index: Index, bounds: Bounds, found: Found, text: int, since: int, seen: Marks
) -> None:
    """Compare a text with those indexed from `since` on that may be more similar than what is found already.

    What two texts share begins with the first shingle at which they meet, so after it enough must be left.
    """
    size, shared, steps = sets.sizes[text], sets.shared[text], 0
    for at in range(sets.prefixes[text]):
        shingle, rest = sets.shingles[sets.starts[text] + at], shared - at - 1
        where = bucket(shingle, len(index.filled))
        for place in range(index.filled[where] - 1, -1, -1):
            posting = index.postings[index.starts[where] + place]
            other, others_rest, both = np.int64(posting[0]), np.int64(posting[2]), size + np.int64(posting[3])
            if other < since:
                break
            steps += 1
            if steps > bounds.steps:
                found.cut[text] = True
                return
            least = max(bounds.threshold, found.scores[text])
            need = least / (1 + least) * both - SLACK
            if (
                posting[1] != np.uint32(shingle)
                or 1 + min(rest, others_rest) < need
                or seen[other] == text + 1
            ):
                continue
            seen[other] = text + 1
            overlap, compared = _overlap(sets, text, rest, other, others_rest, need)
            steps += compared
            score = overlap / (both - overlap)
            best = found.scores[text]
            if score >= bounds.threshold and (score > best or (score == best and other < found.of[text])):
                found.scores[text], found.of[text] = score, other


@_compiled
def _overlap(
    sets: Sets, text: int, rest: int, other: np.int64, others_rest: np.int64, need: float
) -> tuple[int, int]:
    """How many shingles two texts share, one and those among the rest; and how many were compared.

    Stops, with fewer, where they cannot share as many as needed.
    """
    end, others_end = sets.starts[text] + sets.shared[text], sets.starts[other] + sets.shared[other]
    mine, theirs, overlap = end - rest, others_end - others_rest, 1
    while mine < end and theirs < others_end and overlap + min(end - mine, others_end - theirs) >= need:
        one, another = sets.shingles[mine], sets.shingles[theirs]
        overlap += one == another
        mine += one <= another
        theirs += another <= one
    return overlap, mine + theirs - (end - rest) - (others_end - others_rest)


@_compiled
def _post(sets: Sets, index: Index, text: int) -> None:
    for at in range(sets.prefixes[text]):
        shingle = sets.shingles[sets.starts[text] + at]
        where = bucket(shingle, len(index.filled))
        if index.starts[where] < index.starts[where + 1]:
            posting = index.postings[index.starts[where] + index.filled[where]]
            posting[0], posting[1] = text, np.uint32(shingle)
            posting[2], posting[3] = sets.shared[text] - at - 1, sets.sizes[text]
            index.filled[where] += 1
