"""What every filter is: options from YAML, and a verdict for each node of one level."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import ClassVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from tgc.cosine import Exact, Keep
from tgc.dialogue import Role
from tgc.fingerprint import digest, spell

SEEN = {
    "node_id": pl.UInt64,
    "text": pl.String,
    "tokens": pl.Int64,
    "finish_reason": pl.String,
    "mean_logprob": pl.Float64,
}
"""What every filter may know of a node; `tokens` are generated ones, null like the rest where no model wrote."""

AROUND = frozenset({"asked", "scores", "group", "role", "ordinal", "value", "vector"})
"""What a filter may need besides; any other name is a level above, whose text it is."""

VERDICT = {"node_id": pl.UInt64, "kept": pl.Boolean, "reason": pl.String, "score": pl.Float64}
"""What a filter says of a node; of a duplicate it also says whose, in a column `of` (UInt64)."""

MEASURES = {"node_id": pl.UInt64, "score": pl.Float64, "said": pl.String}
"""What is measured of a node: a number, and what goes into the reason."""

SIBLINGS = "siblings"

PARTLY = "compared with some only, for too many are half like it"
"""A remark on a node that is kept."""

MODEL, WORDS = "model", "words"
"""In place of an embedder: the model that wrote the text, and none, where a text is its words."""

NO_PACKAGES: Mapping[str, str] = MappingProxyType({})


class Filter(BaseModel):
    """Base of every filter plug-in; its `kind` is its name, its other fields are its YAML options."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: ClassVar[tuple[Role, ...]] = ("user", "assistant")
    """Whose turns are judged when the recipe names no level."""

    by_score: ClassVar[bool] = False
    """Whether `level` names a level that scores, and the level above it is judged."""

    alone: ClassVar[bool] = False
    """Whether each node is judged by itself, whatever the others are."""

    blended: ClassVar[bool] = False
    """Whether it judges rows that are blended in too, turn by turn, when the recipe names no level."""

    kind: str
    level: str | None = Field(
        default=None, description="The level to judge; all levels with a turn if not given."
    )
    early: bool = Field(
        default=False,
        strict=True,
        description="Whether a rejected node gets no children; for filters that judge nodes alone.",
    )

    @property
    def needs(self) -> frozenset[str]:
        """The columns that it needs besides those of `SEEN`.

        `asked` is the text of the nearest turn above (String), null where there is none; `scores` are the answers
        of the level `scored_by` (List(String)); `group` is the id of the node that the node falls under (UInt64),
        see `grouped_by`; `role`, `ordinal` and `value`, the JSON of a node that has fields, are its own; the name
        of a level above is that node's text. `vector` is one of length 1 that says what the text means
        (Array(Float16)), see `embedded_by`. An early filter can have no `scores`, `group`, `ordinal` or `vector`.
        """
        return frozenset()

    @property
    def sees(self) -> tuple[str, ...]:
        """The columns of `SEEN` that it goes by, `node_id` among them; it is given no others."""
        return tuple(SEEN)

    @property
    def scored_by(self) -> str | None:
        """The level whose scores it goes by."""
        return self.level if self.by_score else None

    @property
    def grouped_by(self) -> str | None:
        """Within what it compares nodes: `siblings`, or under the same node of a level of that name."""
        return None

    @property
    def embedded_by(self) -> str | None:
        """What makes the vectors it goes by: `MODEL`, or a sentence-transformers model, a directory or hub id."""
        return None

    @property
    def packages(self) -> Mapping[str, str]:
        """The modules that it imports beyond tgc's own needs, with the extra of tgc that brings each."""
        return NO_PACKAGES

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Verdicts with the columns of `VERDICT`, one row per row of `nodes`, which are of one level.

        `nodes` has the columns of `SEEN` and those it `needs`. They are in ascending node_id and all of the level,
        but for a filter that judges nodes alone, which may get them in parts. `reason` is null where `kept`, or
        a remark that the build ends with; `score` is what the threshold was compared with, so that a change of
        threshold can be foreseen in SQL.
        """
        raise NotImplementedError


class Measuring(Filter):
    """Base of filters that measure nodes one by one, at a cost that is worth keeping the result for.

    What was measured is kept beside the node: an edit of `thresholds`, or of anything else in the recipe, measures
    no node again.
    """

    alone: ClassVar[bool] = True

    thresholds: ClassVar[frozenset[str]] = frozenset()
    """The options that decide about what was measured; all others are part of what is measured."""

    version: ClassVar[int] = 1
    """Raised when the same options measure something else."""

    @property
    def metric(self) -> str:
        """What it measures, as the key under which that is kept: its kind and 16 hex digits."""
        beside = {"kind", "level", "early", *self.thresholds}
        options = json.dumps(self.model_dump(mode="json", exclude=beside), sort_keys=True)
        return f"{self.kind} {digest(self.kind, str(self.version), options)[:16]}"

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Verdicts on what is measured now."""
        return self.decide(self.measure(nodes))

    def measure(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """One row per row of `nodes`, with the columns of `MEASURES`."""
        raise NotImplementedError

    def decide(self, measured: pl.DataFrame) -> pl.DataFrame:
        """Verdicts with the columns of `VERDICT`, one row per row of `measured`."""
        raise NotImplementedError


class Comparing(Filter):
    """Base of filters that reject a node for one that comes before it, and is kept, and says the same.

    The node with the best score by `best` comes first, then the one with the lowest id.
    """

    best: str | None = Field(
        default=None,
        min_length=1,
        description="The level that scores these texts, by which the best of those alike is kept.",
    )
    within: str | None = Field(
        default=None,
        min_length=1,
        description="Compare `siblings` only, or texts under the same node of this level; all if not given.",
    )

    @property
    def needs(self) -> frozenset[str]:
        """Groups and scores, as asked for."""
        return frozenset(name for name, given in {"group": self.within, "scores": self.best}.items() if given)

    @property
    def scored_by(self) -> str | None:
        """The level of `best`."""
        return self.best

    @property
    def grouped_by(self) -> str | None:
        """The level of `within`."""
        return self.within

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Verdicts that name the kept node for which one is rejected."""
        return self._told(nodes, self.compare)

    def compare(self, ranked: pl.DataFrame) -> pl.DataFrame:
        """The nodes that say what one before them says, the best first.

        One row for each, in any order: its place `text`, the place `of` the one that is kept, their `score`, and
        what is `said` before the id of that one. `of` and `score` are null for a node that is kept, though it was
        compared with some only.
        """
        raise NotImplementedError

    def _told(self, nodes: pl.DataFrame, compare: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
        ranked = _ranked(nodes) if self.best else nodes
        found, ids = compare(ranked), ranked["node_id"]
        of = ids.gather(found["of"])
        said = pl.format("{} {}", "said", of.map_elements(spell, return_dtype=pl.String))
        reason = pl.when(pl.col("of").is_null()).then(pl.lit(PARTLY)).otherwise(said)
        told = found.select("score", node_id=ids.gather(found["text"]), reason=reason, of=of)
        judged = nodes.select("node_id").join(told, on="node_id", how="left", maintain_order="left")
        return judged.select("node_id", pl.col("of").is_null().alias("kept"), "reason", "score", "of")


class Pointing(Comparing):
    """Base of those that compare vectors, for which a machine may have a faster search."""

    def judge_by(self, nodes: pl.DataFrame, exact: Keep) -> pl.DataFrame:
        """The verdicts of `judge`, where an exact search goes that way."""
        return self._told(nodes, partial(self.compare_by, exact=exact))

    def compare(self, ranked: pl.DataFrame) -> pl.DataFrame:
        """As `compare_by`, on whatever machine this is."""
        return self.compare_by(ranked, Exact)

    def compare_by(self, ranked: pl.DataFrame, exact: Keep) -> pl.DataFrame:
        """What `compare` says, where an exact search goes that way."""
        raise NotImplementedError


def _ranked(nodes: pl.DataFrame) -> pl.DataFrame:
    """The mean of their scores decides; those that were not scored come last."""
    score = pl.col("scores").list.eval(pl.element().cast(pl.Float64, strict=False).fill_nan(None)).list.mean()
    return nodes.sort(score, "node_id", descending=[True, False], nulls_last=True)
