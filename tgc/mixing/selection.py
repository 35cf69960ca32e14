"""Which conversations go into the mix: drawn by hash, evenly over what is to be balanced. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from tgc import fingerprint, ir
from tgc.dialogue import Conversation
from tgc.formats.base import TRAIN
from tgc.mixing.conversations import conversations, spoken, strata


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The rows of a mix and what became of the others.

    Attributes:
        rows: in the order of the mix: leaf_id, source, split, turns, tokens, level, stratum and messages.
        asked: the size the recipe asks for; None for all there are.
        strata: stratum, available, asked and achieved rows of each, in order.
        drops: conversations left out, by reason: the filter that rejected a node of theirs, the format that
            refuses them, or what else they were.
    """

    rows: pl.DataFrame
    asked: int | None
    strata: pl.DataFrame
    drops: dict[str, int]

    def conversations(self, split: str) -> Iterator[Conversation]:
        """The rows of one split, as formats take them."""
        return spoken(self.rows.filter(pl.col("split") == split))

    @property
    def splits(self) -> dict[str, int]:
        """How many rows each split has."""
        return dict(self.rows.group_by("split").len().sort("split").iter_rows())


def select(program: ir.Program, nodes: pl.DataFrame, verdicts: pl.DataFrame) -> Selection:
    """The mix of a recipe's nodes (columns of `NODES`) under the verdicts on them (columns of `VERDICTS`).

    The same nodes give the same rows in whatever order they come; a mix of 50 is part of the mix of 100.
    """
    everything = conversations(program, nodes)
    rejected = _rejected(everything, verdicts)
    sound = _without(everything, rejected)
    refused = _refused(program, sound)
    written = _without(sound, refused)
    unique = written.unique("messages", keep="first", maintain_order=True)
    rows = _spread(unique, program.mix.size)
    others = {
        "duplicate conversation": written.height - unique.height,
        "beyond the size asked for": unique.height - rows.height,
    }
    return Selection(
        rows=_split(program, rows).with_columns(source=pl.lit(program.name)).drop("path", "subtree"),
        asked=program.mix.size,
        strata=_strata(strata(program, nodes), unique, rows, program.mix.size),
        drops=_count(rejected)
        | _count(refused)
        | {reason: count for reason, count in others.items() if count},
    )


def _rejected(found: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """The leaves with a rejected node above, and the filter that rejected the topmost."""
    places = pl.int_ranges(pl.col("path").list.len()).alias("place")
    steps = found.select("leaf_id", places, node_id="path").explode("node_id", "place", empty_as_null=True)
    reasons = verdicts.filter(~pl.col("kept")).select("node_id", reason="filter")
    topmost = (
        steps.join(reasons, on="node_id").sort("leaf_id", "place", "reason").unique("leaf_id", keep="first")
    )
    return topmost.select("leaf_id", "reason")


def _refused(program: ir.Program, found: pl.DataFrame) -> pl.DataFrame:
    """The leaves whose conversation a format of the recipe refuses, and the first such reason."""
    reasons = [
        next((reason for output in program.emit if (reason := output.refuse(conversation))), None)
        for conversation in spoken(found)
    ]
    return found.select("leaf_id", reason=pl.Series(reasons, dtype=pl.String)).drop_nulls("reason")


def _without(found: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    return found.join(dropped, on="leaf_id", how="anti", maintain_order="left")


def _count(dropped: pl.DataFrame) -> dict[str, int]:
    return dict(Counter(sorted(dropped["reason"])))


def _spread(found: pl.DataFrame, size: int | None) -> pl.DataFrame:
    """The first of every stratum, then the second of every one, until there are `size`; in hash order.

    This is water-filling: a stratum that has fewer leaves its share to the others.
    """
    placed = found.with_row_index("place").with_columns(turn=pl.int_range(pl.len()).over("stratum"))
    chosen = placed.sort("turn", "place").head(found.height if size is None else size)
    return chosen.sort("place").drop("place", "turn")


def _split(program: ir.Program, rows: pl.DataFrame) -> pl.DataFrame:
    """Hold out subtrees by their hash: more nodes move no subtree from one split to the other."""
    split = program.mix.split
    if split is None:
        return rows.with_columns(split=pl.lit(TRAIN))
    keys = fingerprint.order(rows["subtree"].to_numpy(), salt=f"{program.seed} {split.name}")
    held_out = pl.lit(pl.Series(keys / 2.0**64)) < split.share
    return rows.with_columns(split=pl.when(held_out).then(pl.lit(split.name)).otherwise(pl.lit(TRAIN)))


def _strata(
    wanted: pl.DataFrame, available: pl.DataFrame, rows: pl.DataFrame, size: int | None
) -> pl.DataFrame:
    counts = wanted.sort(pl.col("stratum").list.join("\0"))
    for name, frame in (("available", available), ("achieved", rows)):
        counted = frame.group_by("stratum").agg(pl.len().cast(pl.Int64).alias(name))
        counts = counts.join(counted, on="stratum", how="left", maintain_order="left")
    share = pl.lit(size, dtype=pl.Int64)
    extra = pl.int_range(pl.len()) < share % pl.len()
    asked = share // pl.len() + extra.cast(pl.Int64)
    return counts.select(
        "stratum", pl.col("available").fill_null(0), asked.alias("asked"), pl.col("achieved").fill_null(0)
    )
