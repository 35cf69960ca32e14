"""What conversations say: read from where texts are kept, for a block of rows at a time. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import polars as pl

from tgc import fingerprint, ir
from tgc.catalog import Corpus
from tgc.dialogue import Conversation, Message, Role
from tgc.mixing import endings

AT_ONCE = 50_000
"""So many conversations are held at a time. For each time all texts are gone through, if they come in no order."""

AS_OBJECTS = 5_000
"""So many of them are held as Python objects."""


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """Who speaks in conversations, and where to read what they say.

    Attributes:
        corpus: where texts are.
        turns: of conversations that end at a level, by its name: each turn's place on the path, and whose it is.
    """

    corpus: Corpus
    turns: Mapping[str, Sequence[tuple[int, Role]]]

    def spoken(self, rows: pl.DataFrame) -> Iterator[Conversation]:
        """The conversations of a frame (columns `leaf_id`, `level` and `path`), as formats take them.

        Where it has a `source`, they have it too, and what the node says that is `rejected`.
        """
        for block in rows.iter_slices(AT_ONCE):
            yield from self._block(block)

    def anyhow(self, rows: pl.DataFrame) -> Iterator[tuple[int, Conversation]]:
        """The same, each with its place in the frame, in the order in which they are stored (column `stored`)."""
        order = rows.select(pl.arg_sort_by("level", "stored")).to_series()
        for part in order.to_frame("place").iter_slices(AT_ONCE):
            places = part["place"]
            yield from zip(places.to_list(), self._block(rows[places]), strict=True)

    def numbered(
        self, rows: pl.DataFrame, number: Callable[[Sequence[Conversation]], pl.Series]
    ) -> pl.Series:
        """64 bits for each row, of what `number` makes of some conversations at a time."""
        numbers, told = np.empty(rows.height, np.uint64), self.anyhow(rows)
        while part := dict(islice(told, AS_OBJECTS)):
            numbers[[*part]] = number([*part.values()]).to_numpy()
        return pl.Series(numbers, dtype=pl.UInt64)

    def texts(self, node_ids: pl.Series) -> dict[int, str]:
        """What each of these nodes says."""
        parts = (part.select("node_id", "text") for part in self.corpus.slices(node_ids.unique()))
        return {node_id: text for part in parts for node_id, text in part.iter_rows()}

    def _block(self, rows: pl.DataFrame) -> Iterator[Conversation]:
        texts = self._read(rows)
        source = "source" if "source" in rows.columns else pl.lit("").alias("source")
        other = "rejected" if "rejected" in rows.columns else pl.lit(None, pl.UInt64).alias("rejected")
        for leaf_id, level, path, origin, rejected in rows.select(
            "leaf_id", "level", "path", source, other
        ).iter_rows():
            said = tuple(Message(role, texts[path[place]]) for place, role in self.turns[level])
            yield Conversation(fingerprint.spell(leaf_id), said, source=origin, rejected=texts.get(rejected))

    def _read(self, rows: pl.DataFrame) -> dict[int, str]:
        """The texts that rows need; level by level, for those of a level are near each other."""
        places = sorted({place for level in rows["level"].unique() for place, _ in self.turns[level]})
        paths = pl.col("path").list
        wanted = [
            rows.select(paths.get(place, null_on_oob=True)).to_series().drop_nulls() for place in places
        ]
        wanted += [rows["rejected"].drop_nulls()] if "rejected" in rows.columns else []
        return {node_id: text for ids in wanted for node_id, text in self.texts(ids).items()}


def voices(program: ir.Program, corpus: Corpus) -> Voices:
    """Who speaks in the conversations of a recipe."""
    paths = {end.name: program.path_to(end.name) for end in endings.ends(program)}
    turns = {
        name: tuple((place, level.speaks) for place, level in enumerate(path) if level.speaks)
        for name, path in paths.items()
    }
    return Voices(corpus, turns)
