"""What a warehouse holds, as plain values: all that planning may know of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tgc.fingerprint import Ids, Parts
from tgc.node import KNOWN

NODES = {
    "node_id": pl.UInt64,
    "parent_id": pl.UInt64,  # 0 at the root
    "recipe": pl.String,
    "level": pl.String,
    "ordinal": pl.Int64,
    "depth": pl.Int64,
    "role": pl.String,
    "text": pl.String,
    "value": pl.String,  # JSON of a value with fields, else null
    "request_key": pl.String,  # 16 hex digits, null where no model was asked
    "prompt_tokens": pl.Int64,
    "completion_tokens": pl.Int64,
    "finish_reason": pl.String,
    "mean_logprob": pl.Float64,
    "model": pl.String,
    "run_id": pl.Int64,
}
"""Columns of a frame of nodes, as the warehouse takes and gives them."""

VERDICTS = {
    "node_id": pl.UInt64,
    "recipe": pl.String,
    "filter": pl.String,
    "kept": pl.Boolean,
    "reason": pl.String,
    "score": pl.Float64,
    "of": pl.UInt64,  # whose duplicate the node is, else null
}
"""What every filter said of every node it saw."""

OUTLINE = {name: NODES[name] for name in ("node_id", "parent_id", "level", "ordinal")}
"""Where a node is in a recipe's tree."""

SLICE = 100_000
"""So many texts are looked at together."""

PICKS = {"selector": pl.String, "node_id": pl.UInt64, "rank": pl.Int64}
"""The order in which siblings were picked by MMR, from 0, per selector fingerprint."""

FAILURES = {
    "level": pl.String,
    "node_id": pl.UInt64,
    "parent_id": pl.UInt64,
    "request_key": pl.String,
    "reason": pl.String,
    "run_id": pl.Int64,
}
"""Requests that were given up, by the slot they were to fill."""

WORK = {
    "model": pl.String,
    "seconds": pl.Float64,
    "requests": pl.Int64,
    "prompt_tokens": pl.Int64,
    "completion_tokens": pl.Int64,
}
"""What a build had a model do: the seconds it took to generate, and how much that was."""

MIX_ROWS = {
    "split": pl.String,
    "source": pl.String,
    "leaf_id": pl.UInt64,
    "rejected_id": pl.UInt64,  # in a pair, else null
    "line": pl.Int64,
    "turns": pl.Int64,
    "tokens": pl.Int64,
    "supervised_tokens": pl.Int64,
    "images": pl.Int64,
}
"""Rows of a mix, in its order: conversations of the tree by their leaves, rows of files by their lines."""


class Corpus(Protocol):
    """The nodes of a recipe, of which no more texts are in memory than are looked at."""

    def outline(self) -> pl.DataFrame:
        """Where every node is (columns of `OUTLINE`), in ascending id."""
        ...

    def slices(self, node_ids: pl.Series) -> Iterator[pl.DataFrame]:
        """These nodes (columns of `NODES`), at most `SLICE` at a time; what they are in is what `outline` says."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """A corpus that is in memory whole: a frame of nodes (columns of `NODES`)."""

    nodes: pl.DataFrame

    def outline(self) -> pl.DataFrame:
        """Where every node is (columns of `OUTLINE`), in ascending id."""
        return self.nodes.select(*OUTLINE).sort("node_id")

    def slices(self, node_ids: pl.Series) -> Iterator[pl.DataFrame]:
        """These nodes (columns of `NODES`), at most `SLICE` at a time."""
        wanted = pl.DataFrame({"node_id": node_ids}, schema={"node_id": pl.UInt64})
        return self.nodes.join(wanted, on="node_id", how="semi").iter_slices(SLICE)


Places = NDArray[np.int64]
"""Where an archive has nodes: those next to each other are read together fast."""

REQUESTS = {"node_id": pl.UInt64, "request_key": pl.UInt64}
"""What a model was asked for a node, in 64 bits."""


class Archive(Protocol):
    """Every node held, whoever's it is, of which no more texts are in memory than are looked at."""

    def requests(self) -> pl.DataFrame:
        """What models were asked (columns of `REQUESTS`), for each node that one was asked for."""
        ...

    def askers(self) -> Sequence[Parts] | None:
        """Levels, among them all that asked for nodes held; None where nobody knows."""
        ...

    def places(self, node_ids: Ids) -> Places:
        """Where each of these nodes is; -1 where it is not there."""
        ...

    def texts(self, places: Places) -> pl.DataFrame:
        """What is known (columns `place` and `node.KNOWN`) of the nodes at these places, which ascend."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Filed:
    """An archive that is in memory whole: a frame of nodes (columns of `NODES`)."""

    nodes: pl.DataFrame

    def requests(self) -> pl.DataFrame:
        """What models were asked (columns of `REQUESTS`), for each node that one was asked for."""
        asked = self.nodes.select(*REQUESTS).drop_nulls("request_key")
        return asked.with_columns(pl.col("request_key").str.to_integer(base=16, dtype=pl.UInt64))

    def askers(self) -> None:
        """Nobody knows."""

    def places(self, node_ids: Ids) -> Places:
        """Where each of these nodes is; -1 where it is not there."""
        wanted = pl.DataFrame({"node_id": node_ids}, schema={"node_id": pl.UInt64})
        filed = self.nodes.select("node_id", place=pl.int_range(pl.len()))
        found = wanted.join(filed, on="node_id", how="left", maintain_order="left")
        return found["place"].fill_null(-1).to_numpy()

    def texts(self, places: Places) -> pl.DataFrame:
        """What is known (columns `place` and `node.KNOWN`) of the nodes at these places."""
        there = places[places >= 0]
        return self.nodes.select(*KNOWN)[there].with_columns(place=pl.Series(there))


@dataclass(frozen=True, slots=True)
class Record:
    """What the last finished or interrupted build of a recipe knew of one level.

    Attributes:
        when: identity of the condition under which it grew; empty for none.
        distinct: how siblings were picked; empty where all were kept.
        early: which filters decided where it grew; empty for none.
    """

    branch: int
    parts: Parts
    when: str = ""
    distinct: str = ""
    early: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A build, and what it was made from.

    Attributes:
        text: the recipe's canonical text.
        templates: the texts of its template files by name; empty for builds that did not keep them.
        records: its levels, by name.
        commit: the git commit of the recipe; None outside git, and so is `dirty`.
        dirty: whether the recipe's files differed from the commit.
        started: when, in UTC.
    """

    run_id: int
    recipe: str
    text: str
    templates: Mapping[str, str]
    records: Mapping[str, Record]
    commit: str | None
    dirty: bool | None
    started: datetime
    status: str


@dataclass(frozen=True, slots=True, eq=False)
class Catalog:
    """The contents of a warehouse that concern one recipe.

    Attributes:
        held: ids of every node held, ascending.
        members: ids of the nodes that are the recipe's as of its last build, by level.
        ranks: per selector fingerprint, picked siblings' ids and their rank in the MMR order.
        records: levels as of the last build, by name; empty before the first.
        archive: the texts of all that is held; None where nobody asked for them.
        nodes: the same as one frame (columns of `NODES`); filled only for what has to see all of it.
        sample: how many missing slots of a level are tried, of more; where none of them has a text to adopt, the
            others are taken to have none. None to look at all.
        emitted: JSON of what the mix of the last run was made of, by aspect; None if that run emitted none, for
            then nobody knows how far it came.
        status: how the last build ended; None before the first.
    """

    held: Ids = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    members: Mapping[str, Ids] = field(default_factory=dict)
    ranks: Mapping[str, tuple[Ids, Ids]] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    archive: Archive | None = None
    nodes: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=NODES))
    sample: int | None = None
    emitted: str | None = None
    status: str | None = None

    def without(self, ids: Ids) -> "Catalog":
        """The same, were these nodes not there."""
        if not len(ids):
            return self
        return replace(
            self,
            held=_less(self.held, ids),
            members={level: _less(members, ids) for level, members in self.members.items()},
            ranks={name: _unranked(nodes, ranks, ids) for name, (nodes, ranks) in self.ranks.items()},
            nodes=self.nodes.filter(~pl.col("node_id").is_in(pl.Series(ids).implode())),
        )


def _less(some: Ids, others: Ids) -> Ids:
    left: Ids = some[~np.isin(some, others)]
    return left


def _unranked(nodes: Ids, ranks: Ids, ids: Ids) -> tuple[Ids, Ids]:
    left = ~np.isin(nodes, ids)
    return nodes[left], ranks[left]


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many tokens the nodes of a level have, in the mean."""

    prompt: float
    completion: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a model wrote: completion tokens a second, and the devices it ran on; empty where unknown."""

    tokens: float
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What earlier builds tell of what another will take: lengths by level, paces by model."""

    lengths: Mapping[str, Lengths] = field(default_factory=dict)
    paces: Mapping[str, Pace] = field(default_factory=dict)
