"""Comparing texts by polars and numpy alone: the answers of the compiled loops, at a tenth of their speed."""

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc.fingerprint import Ids
from tgc.jaccard.postings import Met, Postings
from tgc.jaccard.ranked import Sets, overlaps, ranked
from tgc.jaccard.shingled import KEPT, SLACK, STEPS, Found, Part, Shingled, gathered
from tgc.text.folded import BASE, Positions, fold, parts, words

Mask = NDArray[np.bool_]

AT_ONCE = 20_000_000
"""Bytes of texts that are cut into words together."""

TOGETHER = 512
"""Texts at most that are looked up side by side, before they are compared with each other."""

BLOCK = 4_000_000
"""Meetings of texts looked at together: about 300 MB."""


def read(given: Iterable[Part], ngram: int) -> Shingled:
    """The shingles of texts."""
    return gathered(
        _read(*part, ngram) for texts, groups in given for part in _cut(texts.fill_null(""), groups)
    )


def join(read: Shingled, distinct: Positions, threshold: float) -> Found:
    """Of whom each of the distinct texts is a repeat."""
    sets, found = ranked(read, distinct, threshold), Found.nothing(len(read.said))
    kept = Postings(sets)
    for block in _blocks(sets, distinct):
        for met in kept.before(block).first(STEPS).parts(BLOCK):
            _settle(sets, _affordable(sets, met, threshold, found), threshold, found)
        for met in kept.beside(block).parts(BLOCK):
            _settle(sets, _pairs(met, _promising(sets, met, threshold)), threshold, found)
        kept.add(block[found.of[block] == KEPT])
    return found


def _cut(texts: pl.Series, groups: Ids) -> Iterator[Part]:
    """The same in parts that can be cut into words together."""
    some = list(parts(texts, AT_ONCE))
    cuts = np.cumsum([len(part) for part in some], dtype=np.int64)[:-1]
    yield from zip(some, np.split(groups, cuts), strict=False)


def _read(texts: pl.Series, groups: Ids, ngram: int) -> Shingled:
    folded, apart = fold(texts), groups * BASE
    cut, said = words(folded), folded.hash(seed=1).to_numpy()
    starts, hashes = cut.grams(ngram)
    grams = np.bincount(cut.texts[starts], minlength=len(texts))
    counts = np.maximum(grams, 1)
    shingles = np.repeat(said, counts)
    shingles[np.repeat(grams > 0, counts)] = hashes
    shingles ^= np.repeat(apart, counts)
    return Shingled(said ^ apart, shingles, np.concatenate([[0], np.cumsum(counts)]))


def _blocks(sets: Sets, texts: Positions) -> Iterator[Positions]:
    """Texts that are looked up side by side: so few that they may all be compared with each other."""
    for start in range(0, len(texts), TOGETHER):
        some = texts[start : start + TOGETHER]
        step = max(1, STEPS // (3 * int(sets.sizes[some].max())))
        yield from (some[at : at + step] for at in range(0, len(some), step))


def _promising(sets: Sets, met: Met, threshold: float) -> Mask:
    """Which are the first meetings of texts that may be similar: after what they share first, enough is left."""
    pairs = pl.Series(met.texts * len(sets.sizes) + met.others)
    needed = threshold / (1 + threshold) * (sets.sizes[met.texts] + sets.sizes[met.others]) - SLACK
    enough = 1 + np.minimum(met.rest, met.others_rest) >= needed
    promising: Mask = enough & pairs.is_first_distinct().to_numpy()
    return promising


def _affordable(sets: Sets, met: Met, threshold: float, found: Found) -> pl.DataFrame:
    """The texts to compare, so far as that does not cost too much: a step to meet, one to compare a shingle."""
    promising = _promising(sets, met, threshold)
    compared = np.where(promising, met.rest + met.others_rest, 0)
    before = np.cumsum(1 + compared) - compared
    first = np.searchsorted(met.texts, met.texts)
    spent = before - before[first] + 1
    found.cut[met.texts[spent > STEPS]] = True
    return _pairs(met, promising & (spent <= STEPS))


def _pairs(met: Met, which: Mask) -> pl.DataFrame:
    return pl.DataFrame({"text": met.texts[which], "other": met.others[which]})


def _settle(sets: Sets, pairs: pl.DataFrame, threshold: float, found: Found) -> None:
    """Drop texts that are similar to one that is kept, the last ones after all before them are settled."""
    texts, others = pairs["text"].to_numpy(), pairs["other"].to_numpy()
    overlap = overlaps(sets, texts, others)
    scores = overlap / (sets.sizes[texts] + sets.sizes[others] - overlap)
    similar = pairs.with_columns(score=pl.Series(scores)).filter(pl.col("score") >= threshold)
    for text, other, score in similar.sort("text", "other").iter_rows():
        if found.of[other] == KEPT and score > found.scores[text]:
            found.of[text], found.scores[text] = other, score
