"""Nodes as filters see them: their texts, and of what is around them as much as a filter needs."""

from collections.abc import Iterator, Mapping

import polars as pl

from tgc import ir
from tgc.catalog import Corpus
from tgc.filters.base import SEEN, SIBLINGS
from tgc.sieve.vectors import Embed

Alive = Mapping[str, pl.DataFrame]
"""Nodes by level, as rows of `node_id`, `parent_id` and `ordinal`."""

_TEXT = {"node_id": pl.UInt64, "text": pl.String}


class Around:
    """A tree and its texts.

    Args:
        program: whose tree it is.
        whole: all its nodes.
        corpus: where their texts are.
        embed: makes vectors of texts.
    """

    def __init__(self, program: ir.Program, whole: Alive, corpus: Corpus, embed: Embed) -> None:
        self._program = program
        self._whole = whole
        self._corpus = corpus
        self._embed = embed

    def seen(self, level: str, node_ids: pl.Series, check: ir.Check, alive: Alive) -> Iterator[pl.DataFrame]:
        """The nodes of a level with the columns that a filter needs, in slices."""
        scores = self._scores(check.by, alive) if check.by and "scores" in check.filter.needs else None
        for part in self._corpus.slices(node_ids):
            seen = part.select(*(pl.col(_NAMES[known]).alias(known) for known in check.filter.sees))
            for name in sorted(check.filter.needs):
                beside = scores if name == "scores" else self._beside(name, level, part, check)
                if beside is not None:
                    seen = seen.join(beside, on="node_id", how="left", maintain_order="left")
            yield seen

    def _beside(self, name: str, level: str, part: pl.DataFrame, check: ir.Check) -> pl.DataFrame | None:
        """A further column of nodes but for scores, beside their ids; None where there is nothing to tell."""
        match name:
            case "ordinal" | "value":
                return part.select("node_id", name)
            case "role":
                return part.select("node_id", role=pl.lit(self._program.level(level).speaks, dtype=pl.String))
            case "group":
                return self._groups(level, part["node_id"], check.filter.grouped_by)
            case "asked":
                return self._texts(level, part["node_id"], _before(self._program, level), name)
            case "vector":
                return self._vectors(level, part, check.embedder)
            case _:
                return self._texts(level, part["node_id"], name, name)

    def _vectors(self, level: str, part: pl.DataFrame, embedder: ir.Model | None) -> pl.DataFrame:
        asked = self._program.level(level).ask
        made = self._embed(part["text"], asked.model if asked else None, embedder)
        return part.select("node_id", vector=pl.Series(made, dtype=pl.Array(pl.Float16, made.shape[1])))

    def _scores(self, judge: str, alive: Alive) -> pl.DataFrame:
        """The answers of a level that scores, as far as it gave any, by the node that they are about."""
        scoring = alive[judge]
        texts = pl.concat(
            [
                pl.DataFrame(schema=_TEXT),
                *(part.select(*_TEXT) for part in self._corpus.slices(scoring["node_id"])),
            ]
        )
        answers = scoring.join(texts, on="node_id").sort("ordinal", "node_id")
        return answers.group_by("parent_id").agg(scores="text").rename({"parent_id": "node_id"})

    def _groups(self, level: str, node_ids: pl.Series, grouped_by: str | None) -> pl.DataFrame | None:
        if grouped_by is None:
            return None
        parent = self._program.level(level).parent
        above = parent if grouped_by == SIBLINGS else grouped_by
        return self._climbed(level, node_ids, above).rename({"above": "group"})

    def _texts(self, level: str, node_ids: pl.Series, above: str | None, name: str) -> pl.DataFrame:
        """The texts of the nodes of a level above."""
        if above is None:
            return pl.DataFrame({"node_id": node_ids}).with_columns(pl.lit(None, dtype=pl.String).alias(name))
        climbed = self._climbed(level, node_ids, above)
        parts = [part.select(*_TEXT) for part in self._corpus.slices(climbed["above"].unique())]
        texts = pl.concat([pl.DataFrame(schema=_TEXT), *parts]).rename({"node_id": "above", "text": name})
        return climbed.join(texts, on="above").drop("above")

    def _climbed(self, level: str, node_ids: pl.Series, above: str | None) -> pl.DataFrame:
        """For each node the one `above` it: of that level, or the root's 0 where there is none."""
        at: str | None = level
        climbed = pl.DataFrame({"node_id": node_ids, "above": node_ids})
        while at is not None and at != above:
            parents = self._whole[at].select(pl.col("node_id").alias("above"), "parent_id")
            climbed = climbed.join(parents, on="above").select("node_id", above="parent_id")
            at = self._program.level(at).parent
        return climbed


def _before(program: ir.Program, level: str) -> str | None:
    """The level of the nearest turn above."""
    above = program.path_to(level)[:-1]
    return next((other.name for other in reversed(above) if other.speaks), None)


_NAMES = {name: "completion_tokens" if name == "tokens" else name for name in SEEN}
