"""What conversations say: read from where texts are kept, for a block of rows at a time. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import polars as pl

from tgc import fingerprint, ir
from tgc.catalog import Corpus
from tgc.dialogue import Conversation, Message, Role
from tgc.mixing.dialogues import endings

AT_ONCE = 100_000
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
        turns = self._turns(rows)
        places = {level: [place for place, _ in told] for level, told in self.turns.items()}
        source = "source" if "source" in rows.columns else pl.lit("").alias("source")
        columns = rows.select("leaf_id", "level", "path", source).iter_rows()
        for (leaf_id, level, path, origin), other in zip(columns, self._rejected(rows), strict=True):
            said = tuple([turns[path[place]] for place in places[level]])
            yield Conversation(fingerprint.spell(leaf_id), said, source=origin, rejected=other)

    def _turns(self, rows: pl.DataFrame) -> dict[int, Message]:
        """The turns of all rows by their nodes; read level by level, for those of a level are near each other."""
        wanted: dict[tuple[int, Role], list[pl.Series]] = {}
        for (level,), part in rows.select("level", "path").partition_by("level", as_dict=True).items():
            for place, role in self.turns[str(level)]:
                wanted.setdefault((place, role), []).append(part["path"].list.get(place))
        return {
            node_id: Message(role, text)
            for (_, role), ids in wanted.items()
            for node_id, text in self.texts(pl.concat(ids)).items()
        }

    def _rejected(self, rows: pl.DataFrame) -> list[str | None]:
        """What the node says that each row rejects."""
        if "rejected" not in rows.columns:
            return [None] * rows.height
        texts = self.texts(rows["rejected"].drop_nulls())
        return [texts.get(node_id) for node_id in rows["rejected"]]


def voices(program: ir.Program, corpus: Corpus) -> Voices:
    """Who speaks in the conversations of a recipe."""
    paths = {end.name: program.path_to(end.name) for end in endings.ends(program)}
    turns = {
        name: tuple((place, level.speaks) for place, level in enumerate(path) if level.speaks)
        for name, path in paths.items()
    }
    return Voices(corpus, turns)
