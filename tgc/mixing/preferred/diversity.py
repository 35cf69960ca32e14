"""Rows in an order in which those that differ from all before come first. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc import ir
from tgc.dialogue import Conversation
from tgc.filters.base import WORDS
from tgc.lexical import SCALE, WIDTH, Vectors, vectors
from tgc.mixing.dialogues.tree import Tree
from tgc.mixing.dialogues.voices import AT_ONCE, Voices
from tgc.mixing.preferred.apart import apart
from tgc.mixing.preferred.covering import covering
from tgc.sieve import Embed

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Diversity:
    """By what texts are to differ, how many different ones there are to choose from, and how many the mix has."""

    by: str
    embedder: str
    method: ir.Method
    available: int
    achieved: int


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Texts that are to differ, and which of them rows have.

    Attributes:
        vectors: of each text, of whole numbers as those of `lexical` are.
        texts: of each row the text.
        first: which rows go before all others.
        ranked: in which order texts are taken, by their vectors.
    """

    vectors: Vectors
    texts: Indices
    first: NDArray[np.bool_]
    ranked: Callable[[Vectors], Iterator[int]]

    def order(self, rows: Indices) -> Iterator[int]:
        """Some rows, given in their order: no text comes again before all have come."""
        first = self.first[rows]
        yield from self._alternating(rows[first])
        yield from self._alternating(rows[~first])

    def _alternating(self, rows: Indices) -> Iterator[int]:
        queues = self._by_text(rows)
        texts = np.array([*queues], dtype=np.int64)
        picked: list[Iterator[int]] = []
        for place in self.ranked(self.vectors[texts]):
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
        case ir.Diverse(of=ir.MESSAGES):
            return found.with_columns(
                text=voices.numbered(found, lambda some: pl.Series(map(_whole, some)).hash())
            )
        case ir.Diverse(of=level):
            said = tree.levels[level].select("node_id", text="said")
            at = found.select(node_id=pl.col("path").list.get(program.level(level).depth))
            return found.with_columns(at.join(said, on="node_id", how="left", maintain_order="left")["text"])


def spread(
    program: ir.Program, wanted: ir.Diverse, found: pl.DataFrame, voices: Voices, embed: Embed
) -> Spread:
    """Conversations that are `marked`, by what they say; those that are drawn go first.

    Raises:
        BackendError: vectors cannot be had.
    """
    distinct = found.filter(pl.col("text").is_first_distinct())
    numbers = distinct.select("text").with_row_index("number")
    known = found.select("text").join(numbers, on="text", how="left", maintain_order="left")
    parts = [*_vectors(program, wanted, _texts(program, wanted.of, distinct, voices), embed)]
    return Spread(
        np.concatenate(parts) if parts else np.empty((0, WIDTH), dtype=np.float32),
        known["number"].cast(pl.Int64).to_numpy(),
        found["drawn"].to_numpy(),
        covering if wanted.method == "facility_location" else apart,
    )


def told(program: ir.Program, available: pl.DataFrame, achieved: pl.DataFrame) -> Diversity | None:
    """How many texts differ among the conversations there are, and among those of the mix; all are `marked`."""
    wanted = program.mix.diverse
    if wanted is None:
        return None
    counts = available["text"].n_unique(), achieved["text"].n_unique()
    return Diversity(wanted.of, wanted.embedder, wanted.method, *counts)


def _vectors(
    program: ir.Program, wanted: ir.Diverse, texts: Iterable[pl.Series], embed: Embed
) -> Iterator[Vectors]:
    """Vectors of texts; those that models make are rounded, so that products are exact with them too."""
    if wanted.embedder == WORDS:
        yield from map(vectors, texts)
        return
    asked = None if wanted.of == ir.MESSAGES else program.level(wanted.of).ask
    for part in texts:
        made = embed(part, asked.model if asked else None, wanted.model)
        yield (made.astype(np.float32) * SCALE).round()


def _texts(program: ir.Program, of: str, found: pl.DataFrame, voices: Voices) -> Iterator[pl.Series]:
    """What conversations say at the level that is to differ, or altogether; some at a time."""
    for part in found.iter_slices(AT_ONCE):
        if of == ir.MESSAGES:
            yield pl.Series(map(_whole, voices.spoken(part)))
        else:
            ids = part.select(pl.col("path").list.get(program.level(of).depth)).to_series()
            texts = voices.texts(ids)
            yield pl.Series([texts[node_id] for node_id in ids])


def _whole(conversation: Conversation) -> str:
    return "\n".join(message.content for message in conversation.messages)
