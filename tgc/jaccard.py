"""Near-duplicate texts by exact Jaccard similarity of their word n-grams; no locality-sensitive hashing.

The join filters by prefix and position (Chaudhuri et al., ICDE 2006; Xiao et al., PPJoin, WWW 2008) and then
counts every overlap, so that texts that share a template are told apart where MinHash bands would chain them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from tgc.text import Positions, fold, shingles

BLOCK = 4_000_000
"""Candidate pairs looked at together: about 200 MB."""

SLACK = 1e-9
"""Keeps rounding from losing a pair whose similarity is the threshold itself."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sets:
    """Sets of shingles end to end, each rarest shingle first; a shingle is its rank by rarity."""

    texts: Positions
    shingles: Positions
    starts: Positions
    sizes: Positions
    common: Positions  # how many texts hold the shingle


def repeats(texts: pl.Series, ngram: int, threshold: float) -> pl.DataFrame:
    """The texts that repeat an earlier one: index `text`, index `of` the one kept for it, their `score`.

    Texts are taken in their order; one is dropped when its Jaccard similarity with a text that was kept is at
    least `threshold`. So no two kept texts are that similar, and every dropped one is to the kept one named.
    """
    folded = fold(texts)
    first = pl.DataFrame({"folded": folded}).with_row_index("text").group_by("folded").agg(pl.min("text"))
    distinct = first["text"].sort()
    dropped = _dropped(pairs(folded.gather(distinct), ngram, threshold), distinct)
    copies = pl.DataFrame({"folded": folded}).with_row_index("text").join(first, on="folded", suffix="_first")
    return (
        copies.join(dropped, left_on="text_first", right_on="text", how="left")
        .with_columns(of=pl.coalesce("of", "text_first"), score=pl.col("score").fill_null(1.0))
        .filter(pl.col("of") != pl.col("text"))
        .select(pl.col("text").cast(pl.Int64), pl.col("of").cast(pl.Int64), "score")
        .sort("text")
    )


def pairs(folded: pl.Series, ngram: int, threshold: float) -> pl.DataFrame:
    """All pairs of folded texts at least that similar: indices `a` < `b` and their `score`."""
    sets = _sets(shingles(folded, ngram), len(folded))
    found = [_similar(sets, block, threshold) for block in _candidates(sets, threshold)]
    return pl.concat([_similar(sets, _NO_CANDIDATES, threshold), *found])


def _dropped(similar: pl.DataFrame, distinct: pl.Series) -> pl.DataFrame:
    kept_for: dict[int, tuple[int, float]] = {}
    rows = similar.sort("b", "score", "a", descending=[False, True, False]).iter_rows()
    for a, b, score in rows:
        if b not in kept_for and a not in kept_for:
            kept_for[b] = (a, score)
    return pl.DataFrame(
        {
            "text": distinct.gather(list(kept_for)),
            "of": distinct.gather([a for a, _ in kept_for.values()]),
            "score": pl.Series([score for _, score in kept_for.values()], dtype=pl.Float64),
        }
    )


def _sets(members: pl.DataFrame, count: int) -> _Sets:
    rarity = members.group_by("shingle").len().sort("len", "shingle").with_row_index("rank")
    ranked = members.join(rarity, on="shingle").sort("text", "rank")
    texts = ranked["text"].to_numpy()
    sizes = np.bincount(texts, minlength=count)
    return _Sets(
        texts=texts,
        shingles=ranked["rank"].cast(pl.Int64).to_numpy(),
        starts=np.cumsum(sizes) - sizes,
        sizes=sizes,
        common=ranked["len"].cast(pl.Int64).to_numpy(),
    )


def _candidates(sets: _Sets, threshold: float) -> Iterator[pl.DataFrame]:
    """Pairs that share a shingle of their prefixes, each pair in one block."""
    postings, after = _postings(sets, threshold)
    by_text = np.argsort(sets.texts[postings], kind="stable")
    total = np.cumsum(after[by_text])
    ends = np.flatnonzero(np.diff(sets.texts[postings[by_text]], append=-1)) + 1
    blocks = np.unique(np.searchsorted(total[ends - 1], np.arange(BLOCK, total[-1:].sum() + BLOCK, BLOCK)))
    start = 0
    for end in ends[np.minimum(blocks, len(ends) - 1)] if len(ends) else ():
        yield _block(sets, postings, after, by_text[start:end])
        start = end


def _postings(sets: _Sets, threshold: float) -> tuple[Positions, Positions]:
    """Indices into the sets of the shingles to look for, by shingle; how many of its texts come after each.

    Texts at least `t` similar share one of the `size - ceil(t * size) + 1` rarest shingles of each; a shingle
    that one text holds is shared with none.
    """
    place = np.arange(len(sets.texts)) - sets.starts[sets.texts]
    size = sets.sizes[sets.texts]
    prefix = size - np.ceil(threshold * size - SLACK) + 1
    chosen = np.flatnonzero((place < prefix) & (sets.common > 1))
    postings = chosen[np.argsort(sets.shingles[chosen], kind="stable")]
    ends = np.searchsorted(sets.shingles[postings], sets.shingles[postings], side="right")
    return postings, ends - np.arange(len(postings)) - 1


def _block(sets: _Sets, postings: Positions, after: Positions, probes: Positions) -> pl.DataFrame:
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
    return sets.sizes[text] - 1 - (index - sets.starts[text])


def _similar(sets: _Sets, candidates: pl.DataFrame, threshold: float) -> pl.DataFrame:
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
    step = max(1, BLOCK // max(1, int(sets.sizes.max(initial=1))))
    parts = [
        _matches(sets, keys, width, a[at : at + step], b[at : at + step]) for at in range(0, len(a), step)
    ]
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _matches(sets: _Sets, keys: Positions, width: int, a: Positions, b: Positions) -> Positions:
    counts = sets.sizes[a]
    pair = np.repeat(np.arange(len(a)), counts)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    wanted = b[pair] * width + sets.shingles[sets.starts[a[pair]] + within]
    found = keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted
    return np.bincount(pair, weights=found, minlength=len(a)).astype(np.int64)


_NO_CANDIDATES = pl.DataFrame(schema={"a": pl.Int64, "b": pl.Int64, "shared": pl.Int64, "rest": pl.Int64})
