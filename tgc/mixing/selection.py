"""Which conversations go into the mix: in hash order, as their shares and the budget allow. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import polars as pl

from tgc import fingerprint, ir
from tgc.dialogue import Conversation
from tgc.formats.base import TRAIN
from tgc.mixing import diversity, margins
from tgc.mixing.best import lesser
from tgc.mixing.conversations import conversations, spoken
from tgc.mixing.diversity import Diversity
from tgc.mixing.needs import Need, need
from tgc.mixing.pairs import paired
from tgc.mixing.quotas import AT_ONCE, Indices, as_they_are, taken
from tgc.mixing.repeats import DEDUPE, NOTHING, REPEATS, Known, repeated
from tgc.mixing.violations import refusals

STRATA = pl.Schema(
    [
        ("by", pl.String()),
        ("stratum", pl.List(pl.String)),
        ("available", pl.Int64()),
        ("asked", pl.Int64()),
        ("achieved", pl.Int64()),
    ]
)
"""What is told of the strata of a mix."""

BEYOND_SIZE = "beyond the size asked for"
BEYOND_TOKENS = "beyond the tokens asked for"

Shares = Mapping[ir.Margin, pl.DataFrame]


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The rows of a mix and what became of the others.

    Attributes:
        rows: in the order of the mix: leaf_id, source, split, turns, tokens, estimated, level, stratum, messages.
        asked: the size the recipe asks for, in rows; None where it names none.
        budget: the tokens it asks for; None where it names none.
        strata: by (the name of the margin), stratum, available, asked and achieved rows of each, in order.
        drops: conversations left out, by reason: the filter that rejected a node of theirs, the format that
            refuses them, or what else they were.
        repeats: the conversations left out for saying what another row says and why, with columns of `REPEATS`;
            without those that go on in rows of the mix.
        need: what it lacks and what would fill it; None where it lacks nothing.
        diversity: how many texts differ; None where the recipe does not ask for that.
    """

    rows: pl.DataFrame
    asked: int | None
    budget: int | None
    strata: pl.DataFrame
    drops: dict[str, int]
    repeats: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REPEATS))
    need: Need | None = None
    diversity: Diversity | None = None

    def conversations(self, split: str) -> Iterator[Conversation]:
        """The rows of one split, as formats take them."""
        return spoken(self.rows.filter(pl.col("split") == split))

    @property
    def splits(self) -> dict[str, int]:
        """How many rows each split has."""
        return dict(self.rows.group_by("split").len().sort("split").iter_rows())

    @property
    def unspent(self) -> int:
        """The tokens of the budget for which no rows were left."""
        spent = int(self.rows["tokens"].sum())
        return 0 if self.budget is None or BEYOND_TOKENS in self.drops else self.budget - spent

    @property
    def short(self) -> dict[str, int]:
        """By how many rows the values of a margin fall short of their shares together, where not by rounding."""
        missing = pl.col("asked") - pl.col("achieved")
        exhausted = (missing > 0) & (pl.col("achieved") == pl.col("available"))
        short = self.strata.filter(exhausted | (missing > 1))
        return dict(short.group_by("by", maintain_order=True).agg(missing.sum()).iter_rows())


def select(
    program: ir.Program, nodes: pl.DataFrame, verdicts: pl.DataFrame, files: Known = NOTHING
) -> Selection:
    """The mix of a recipe's nodes (columns of `NODES`) under the verdicts on them (columns of `VERDICTS`).

    Where the recipe wants conversations compared, those that say what rows of `files` say are left out too.

    The same nodes give the same rows in whatever order they come; a mix of 50 is part of the mix of 100.

    Raises:
        RecipeError: an output refuses rows that it is not to leave out.
    """
    mix = program.mix
    everything = conversations(program, nodes)
    rejected = _rejected(everything, verdicts)
    sound = _without(everything, rejected)
    pairs = paired(program, sound, nodes)
    refused = _refused(program, pairs.rows)
    written = _without(pairs.rows, refused)
    different = written.unique("messages", keep="first", maintain_order=True)
    repeats = repeated(mix.dedupe, different, files)
    unique = _without(different, repeats)
    worse = lesser(program, unique, nodes)
    preferred = _without(unique, worse)
    shares = {
        margin: margins.shares(program, margin, nodes, margins.of(preferred, mix, margin))
        for margin in mix.margins
    }
    weightless = _weightless(mix, preferred, shares)
    eligible = _without(preferred, weightless)
    rows = _spread(program, eligible, shares, nodes)
    others = {
        "duplicate conversation": written.height - different.height,
        DEDUPE: repeats.height,
        BEYOND_SIZE if mix.tokens is None else BEYOND_TOKENS: eligible.height - rows.height,
    }
    strata = _achieved(mix, shares, rows)
    return Selection(
        rows=_split(program, rows).with_columns(source=pl.lit(program.name)).drop("path", "subtree", "drawn"),
        asked=mix.size,
        budget=mix.tokens,
        strata=strata,
        drops=_count(rejected)
        | _count(pairs.dropped)
        | _count(refused)
        | _count(worse)
        | _count(weightless)
        | {reason: count for reason, count in others.items() if count},
        repeats=repeats.join(
            unique.explode("path", empty_as_null=True), left_on="leaf_id", right_on="path", how="anti"
        ),
        diversity=diversity.told(program, eligible, rows, nodes),
        need=need(program, nodes, rows, strata, spent=eligible.height > rows.height),
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
    """The leaves whose conversation an output of the recipe refuses and leaves out, and why."""
    reasons = refusals(program.emit, spoken(found))
    return found.select("leaf_id", reason=pl.Series(reasons, dtype=pl.String)).drop_nulls("reason")


def _without(found: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    return found.join(dropped, on="leaf_id", how="anti", maintain_order="left")


def _count(dropped: pl.DataFrame) -> dict[str, int]:
    return dict(Counter(sorted(dropped["reason"])))


def _weightless(mix: ir.Mix, found: pl.DataFrame, shares: Shares) -> pl.DataFrame:
    """The leaves whose share is none, and of which margin."""
    dropped = pl.DataFrame(schema={"leaf_id": pl.UInt64, "reason": pl.String})
    for margin, said in shares.items():
        here = found.select("leaf_id", stratum=margins.of(found, mix, margin))
        none = here.join(said.filter(pl.col("share") == 0), on="stratum", how="semi")
        reasons = none.select("leaf_id", reason=pl.lit(f"no share in `{margin.name}`"))
        dropped = pl.concat([dropped, reasons])
    return dropped.unique("leaf_id", keep="first", maintain_order=True)


def _spread(program: ir.Program, found: pl.DataFrame, shares: Shares, nodes: pl.DataFrame) -> pl.DataFrame:
    """As many as the budget allows, in hash order; where texts are to differ, those first that do."""
    mix = program.mix
    if mix.tokens is None and (mix.size is None or mix.size >= found.height):
        return found
    ready = found.with_row_index("place").sort(~pl.col("drawn"), "place")
    quotas = [margins.quota(said, margins.of(ready, mix, margin)) for margin, said in shares.items()]
    order = diversity.spread(program, ready, nodes).order if mix.diverse else as_they_are
    chosen = islice(taken(quotas, ready.height, order), mix.size)
    return ready[_affordable(chosen, ready["tokens"], mix.tokens)].sort("place").drop("place")


def _affordable(chosen: Iterator[int], tokens: pl.Series, budget: int | None) -> Indices:
    """The rows before the one that would exceed the budget."""
    costs, left, parts = tokens.to_numpy(), budget, [np.empty(0, dtype=np.int64)]
    while (part := np.fromiter(islice(chosen, AT_ONCE), np.int64)).size:
        spent = np.cumsum(costs[part])
        parts.append(part if left is None else part[: np.searchsorted(spent, left, side="right")])
        if len(parts[-1]) < len(part):
            break
        left = None if left is None else left - int(spent[-1])
    return np.concatenate(parts)


def _split(program: ir.Program, rows: pl.DataFrame) -> pl.DataFrame:
    """Hold out subtrees by their hash: more nodes move no subtree from one split to the other."""
    split = program.mix.split
    if split is None:
        return rows.with_columns(split=pl.lit(TRAIN))
    keys = fingerprint.order(rows["subtree"].to_numpy(), salt=f"{program.seed} {split.name}")
    held_out = pl.lit(pl.Series(keys / 2.0**64)) < split.share
    return rows.with_columns(split=pl.when(held_out).then(pl.lit(split.name)).otherwise(pl.lit(TRAIN)))


def _achieved(mix: ir.Mix, shares: Shares, rows: pl.DataFrame) -> pl.DataFrame:
    """What was available, asked and achieved of every stratum; of a budget in tokens, of the rows it came to."""
    counted = [pl.DataFrame(schema=STRATA)]
    total = mix.size if mix.tokens is None else rows.height
    for margin, said in shares.items():
        here = pl.DataFrame({"stratum": margins.of(rows, mix, margin)})
        achieved = here.group_by("stratum").agg(achieved=pl.len().cast(pl.Int64))
        counted.append(
            said.join(achieved, on="stratum", how="left", maintain_order="left").select(
                pl.lit(margin.name).alias("by"),
                "stratum",
                "available",
                margins.whole(pl.col("share"), total).alias("asked"),
                pl.col("achieved").fill_null(0),
            )
        )
    return pl.concat(counted)
