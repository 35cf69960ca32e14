"""Rows in an order in which those that differ from all before come first. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc import ir
from tgc.dialogue import Conversation
from tgc.lexical import SCALE, WIDTH, Vectors, vectors
from tgc.mixing.tree import Tree
from tgc.mixing.voices import AT_ONCE, Voices

BATCH = 1_024
"""Rows that are compared at a time with those that were taken."""

NETS = tuple(step / 20 for step in range(1, 20))
"""Cosines from which on texts count as alike, one after the other."""

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Diversity:
    """How many different texts there are to choose from, and how many the mix has."""

    by: str
    available: int
    achieved: int


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Texts that are to differ, and which of them rows have.

    Attributes:
        vectors: of each text.
        texts: of each row the text.
        first: which rows go before all others.
    """

    vectors: Vectors
    texts: Indices
    first: NDArray[np.bool_]

    def order(self, rows: Indices) -> Iterator[int]:
        """Some rows, given in their order: no text comes again before all have come."""
        first = self.first[rows]
        yield from self._alternating(rows[first])
        yield from self._alternating(rows[~first])

    def _alternating(self, rows: Indices) -> Iterator[int]:
        queues = self._by_text(rows)
        texts = np.array([*queues], dtype=np.int64)
        picked: list[Iterator[int]] = []
        for place in apart(self.vectors[texts]):
            picked.append(queues[int(texts[place])])
            yield next(picked[-1])
        while picked:
            rest = [(queue, next(queue, None)) for queue in picked]
            picked = [queue for queue, row in rest if row is not None]
            yield from (row for _, row in rest if row is not None)

    def _by_text(self, rows: Indices) -> dict[int, Iterator[int]]:
        """The rows of each text in their order, texts in the order of their first rows."""
        found: dict[int, list[int]] = {}
        for row, text in zip(rows.tolist(), self.texts[rows].tolist(), strict=True):
            found.setdefault(text, []).append(row)
        return {text: iter(queue) for text, queue in found.items()}


def marked(program: ir.Program, found: pl.DataFrame, tree: Tree, voices: Voices) -> pl.DataFrame:
    """Conversations with 64 bits of the text that is to differ (column `text`), where one is."""
    match program.mix.diverse:
        case None:
            return found
        case ir.MESSAGES:
            return found.with_columns(
                text=voices.numbered(found, lambda some: pl.Series(map(_whole, some)).hash())
            )
        case level:
            said = tree.levels[level].select("node_id", text="said")
            at = found.select(node_id=pl.col("path").list.get(program.level(level).depth))
            return found.with_columns(at.join(said, on="node_id", how="left", maintain_order="left")["text"])


def spread(program: ir.Program, found: pl.DataFrame, voices: Voices) -> Spread:
    """Conversations that are `marked`, by what they say; those that are drawn go first."""
    distinct = found.filter(pl.col("text").is_first_distinct())
    numbers = distinct.select("text").with_row_index("number")
    known = found.select("text").join(numbers, on="text", how="left", maintain_order="left")
    parts = [np.empty((0, WIDTH), dtype=np.float32), *map(vectors, _texts(program, distinct, voices))]
    return Spread(np.concatenate(parts), known["number"].cast(pl.Int64).to_numpy(), found["drawn"].to_numpy())


def told(program: ir.Program, available: pl.DataFrame, achieved: pl.DataFrame) -> Diversity | None:
    """How many texts differ among the conversations there are, and among those of the mix; all are `marked`."""
    by = program.mix.diverse
    return None if by is None else Diversity(by, available["text"].n_unique(), achieved["text"].n_unique())


def apart(vectors: Vectors) -> Iterator[int]:
    """All rows, those first that are unlike all before: nets that get finer (Har-Peled & Mendel, SICOMP 2006).

    For each of `NETS` the rows are gone through in their order, and one is taken if it is less like all that were
    taken. So no two of a net are that alike, and when it ends, every row is that like one that was taken: greedy
    k-center (Gonzalez 1985) in steps, for which every two rows are compared once. The rest follows in its order.

    >>> list(apart(SCALE * np.eye(3, dtype=np.float32)[[0, 0, 1, 2]]))
    [0, 2, 3, 1]
    """
    nets = _Nets(vectors)
    for similarity in NETS:
        for start in range(0, len(vectors), BATCH):
            yield from nets.take(start, similarity * SCALE**2)
    yield from np.flatnonzero(nets.like < np.inf).tolist()


class _Nets:
    """Rows, of which some are taken: `like` says how like the most like one of those a row is, as far as known."""

    def __init__(self, vectors: Vectors) -> None:
        self.like = np.full(len(vectors), -np.inf, dtype=np.float32)
        self._vectors = vectors
        self._taken = np.empty_like(vectors)
        self._count = 0
        self._seen: dict[int, int] = {}

    def take(self, start: int, similarity: float) -> Iterator[int]:
        """Those of a batch that are less like all that were taken, among them those of the batch itself."""
        batch, like = self._vectors[start : start + BATCH], self.like[start : start + BATCH]
        for first in range(self._seen.get(start, 0), self._count, BATCH):
            taken = self._taken[first : min(first + BATCH, self._count)]
            np.maximum(like, (batch @ taken.T).max(axis=1), out=like)
        for place in np.flatnonzero(like < similarity).tolist():
            if like[place] < similarity:
                np.maximum(like, batch @ batch[place], out=like)
                like[place] = np.inf
                self._taken[self._count] = batch[place]
                self._count += 1
                yield start + place
        self._seen[start] = self._count


def _texts(program: ir.Program, found: pl.DataFrame, voices: Voices) -> Iterator[pl.Series]:
    """What conversations say at the level that is to differ, or altogether; some at a time."""
    for part in found.iter_slices(AT_ONCE):
        if program.mix.diverse == ir.MESSAGES:
            yield pl.Series(map(_whole, voices.spoken(part)))
        else:
            ids = part.select(
                pl.col("path").list.get(program.level(str(program.mix.diverse)).depth)
            ).to_series()
            texts = voices.texts(ids)
            yield pl.Series([texts[node_id] for node_id in ids])


def _whole(conversation: Conversation) -> str:
    return "\n".join(message.content for message in conversation.messages)
