"""Comparing texts by polars and numpy alone: the answers of the compiled loops, at a tenth of their speed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from tgc.fingerprint import Ids
from tgc.jaccard.shingled import KEPT, SLACK, Found, Part, Shingled, gathered
from tgc.text.folded import BASE, Positions, fold, parts, split, words

BLOCK = 4_000_000
"""Candidate pairs looked at together: about 200 MB."""

AT_ONCE = 20_000_000
"""Bytes of texts that are cut into words together."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sets:
    """Shingles that several texts hold, text by text, the rarest first; a shingle is its rank by rarity."""

    texts: Positions
    shingles: Positions
    starts: Positions
    shared: Positions  # how many of them each text has
    sizes: Positions  # how many shingles it has, those of its own included


def read(given: Iterable[Part], ngram: int) -> Shingled:
    """The shingles of texts."""
    return gathered(
        _read(*part, ngram) for texts, groups in given for part in _cut(texts.fill_null(""), groups)
    )


def join(read: Shingled, distinct: Positions, threshold: float) -> Found:
    """Of whom each of the distinct texts is a repeat."""
    sets, found = _sets(read, distinct), Found.nothing(len(read.said))
    postings, after = _postings(sets, threshold)
    for probes in _blocks(sets.texts[postings], after):
        kept = probes[found.of[sets.texts[postings[probes]]] == KEPT]
        candidates = _candidates(sets, postings, after, kept)
        _settle(_similar(sets, candidates, threshold), found)
    return found


def _cut(texts: pl.Series, groups: Ids) -> Iterator[Part]:
    """The same in parts that can be cut into words together."""
    some = list(parts(texts, AT_ONCE))
    cuts = np.cumsum([len(part) for part in some], dtype=np.int64)[:-1]
    yield from zip(some, np.split(groups, cuts), strict=False)


def _read(texts: pl.Series, groups: Ids, ngram: int) -> Shingled:
    folded, apart = fold(texts), groups * BASE
    cut, said = words(folded), split(folded).list.join(" ").hash(seed=1).to_numpy()
    starts, hashes = cut.grams(ngram)
    grams = np.bincount(cut.texts[starts], minlength=len(texts))
    counts = np.maximum(grams, 1)
    shingles = np.repeat(said, counts)
    shingles[np.repeat(grams > 0, counts)] = hashes
    shingles ^= np.repeat(apart, counts)
    return Shingled(said ^ apart, shingles, np.concatenate([[0], np.cumsum(counts)]))


def _sets(read: Shingled, distinct: Positions) -> _Sets:
    """The sets of the distinct texts."""
    count = len(read.said)
    texts = np.repeat(np.arange(count), np.diff(read.starts))
    members = pl.DataFrame({"text": texts, "shingle": read.shingles}).unique()
    members = members.filter(pl.col("text").is_in(pl.Series(distinct).implode()))
    sizes = np.bincount(members["text"].to_numpy(), minlength=count)
    rarity = (
        members.group_by("shingle")
        .len()
        .filter(pl.col("len") > 1)
        .sort("len", "shingle")
        .with_row_index("rank")
    )
    ranked = members.join(rarity, on="shingle").sort("text", "rank")
    shared = np.bincount(ranked["text"].to_numpy(), minlength=count)
    return _Sets(
        texts=ranked["text"].to_numpy(),
        shingles=ranked["rank"].cast(pl.Int64).to_numpy(),
        starts=np.cumsum(shared) - shared,
        shared=shared,
        sizes=sizes,
    )


def _postings(sets: _Sets, threshold: float) -> tuple[Positions, Positions]:
    """Indices into the sets of the shingles to look for, by shingle; how many of its texts come after each."""
    place = np.arange(len(sets.texts)) - sets.starts[sets.texts]
    own = sets.sizes - sets.shared
    prefixes = sets.sizes - np.ceil(threshold * sets.sizes - SLACK) + 1 - own
    chosen = np.flatnonzero(place < prefixes[sets.texts])
    postings = chosen[np.argsort(sets.shingles[chosen], kind="stable")]
    ends = np.searchsorted(sets.shingles[postings], sets.shingles[postings], side="right")
    return postings, ends - np.arange(len(postings)) - 1


def _blocks(texts: Positions, after: Positions) -> Iterator[Positions]:
    """Postings by their text, those of one text in one block, with about as many candidates as fit."""
    by_text = np.argsort(texts, kind="stable")
    before = np.cumsum(after[by_text]) - after[by_text]
    firsts = np.flatnonzero(np.diff(texts[by_text], prepend=-1))
    _, starts = np.unique(before[firsts] // BLOCK, return_index=True)
    yield from np.split(by_text, firsts[starts[1:]])


def _candidates(sets: _Sets, postings: Positions, after: Positions, probes: Positions) -> pl.DataFrame:
    """The texts of the probes with those after them in a posting; how much they share there, and may after it."""
    counts = after[probes]
    left = np.repeat(probes, counts)
    within = np.arange(len(left)) - np.repeat(np.cumsum(counts) - counts, counts)
    here, there = postings[left], postings[left + within + 1]
    a, b = sets.texts[here], sets.texts[there]
    rest = np.minimum(_left(sets, here, a), _left(sets, there, b))
    return (
        pl.DataFrame({"a": a, "b": b, "rest": rest})
        .group_by("a", "b")
        .agg(shared=pl.len().cast(pl.Int64), rest=pl.min("rest"))
    )


def _left(sets: _Sets, index: Positions, text: Positions) -> Positions:
    return sets.shared[text] - 1 - (index - sets.starts[text])


def _similar(sets: _Sets, candidates: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """The candidates at least that similar, with their score."""
    possible = _possible(sets, candidates, threshold)
    a, b = possible["a"].to_numpy(), possible["b"].to_numpy()
    overlap = _overlap(sets, a, b)
    score = overlap / (sets.sizes[a] + sets.sizes[b] - overlap)
    return pl.DataFrame({"a": a, "b": b, "score": score}).filter(pl.col("score") >= threshold)


def _possible(sets: _Sets, candidates: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """Candidates whose overlap suffices if all shingles after the last one found shared are shared too."""
    sizes = sets.sizes[candidates["a"].to_numpy()] + sets.sizes[candidates["b"].to_numpy()]
    needed = pl.Series(threshold / (1 + threshold) * sizes - SLACK)
    return candidates.filter(pl.col("shared") + pl.col("rest") >= needed)


def _overlap(sets: _Sets, a: Positions, b: Positions) -> Positions:
    """How many shingles the sets of each pair share."""
    width = int(sets.shingles.max(initial=0)) + 1
    keys = sets.texts * width + sets.shingles
    step = max(1, BLOCK // max(1, int(sets.shared.max(initial=1))))
    parts = [
        _matches(sets, keys, width, a[at : at + step], b[at : at + step]) for at in range(0, len(a), step)
    ]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _matches(sets: _Sets, keys: Positions, width: int, a: Positions, b: Positions) -> Positions:
    counts = sets.shared[a]
    pair = np.repeat(np.arange(len(a)), counts)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    wanted = b[pair] * width + sets.shingles[sets.starts[a[pair]] + within]
    found = keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted
    return np.bincount(pair, weights=found, minlength=len(a)).astype(np.int64)


def _settle(similar: pl.DataFrame, found: Found) -> None:
    """Drop what is similar to a text that is kept; all pairs of which the first is an earlier text are settled."""
    for a, b, score in similar.sort("a", "b").iter_rows():
        if found.of[a] == KEPT and score > found.scores[b]:
            found.of[b], found.scores[b] = a, score
