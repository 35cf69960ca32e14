"""Which conversations go into the mix: in hash order, as their shares and the budget allow. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import polars as pl

from tgc import fingerprint, ir
from tgc.catalog import Corpus
from tgc.dialogue import Conversation
from tgc.formats.base import TRAIN
from tgc.mixing.dialogues.conversations import conversations
from tgc.mixing.dialogues.tree import Tree, grown
from tgc.mixing.dialogues.voices import Voices, voices
from tgc.mixing.files.stock import Stock
from tgc.mixing.needs import Need, need
from tgc.mixing.preferred import diversity
from tgc.mixing.preferred.best import lesser
from tgc.mixing.preferred.diversity import Diversity
from tgc.mixing.preferred.pairing import Pairing, by_level, pairing, scored
from tgc.mixing.preferred.pairs import paired
from tgc.mixing.sameness.repeats import DEDUPE, REPEATS, identical, repeated
from tgc.mixing.shares import margins
from tgc.mixing.shares.contradictions import CONTRADICTIONS, contradictions
from tgc.mixing.shares.quotas import AT_ONCE, Indices, as_they_are, taken
from tgc.mixing.violations import refusals
from tgc.sieve import Embed, unknown

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
        rows: in the order of the mix: leaf_id, path, source, split, turns, tokens, estimated, level, stratum.
        voices: what they say.
        asked: the size the recipe asks for, in rows; None where it names none.
        budget: the tokens it asks for; None where it names none.
        strata: by (the name of the margin), stratum, available, asked and achieved rows of each, in order.
        drops: conversations left out, by reason: the filter that rejected a node of theirs, the format that
            refuses them, or what else they were.
        repeats: the conversations left out for saying what another row says and why, with columns of `REPEATS`;
            without those that go on in rows of the mix.
        need: what it lacks and what would fill it; None where it lacks nothing.
        diversity: how many texts differ; None where the recipe does not ask for that.
        pairs: what became of the answers that pairs are made of; None where the mix has none.
        contradictions: strata whose shares cannot hold beside others (columns of `CONTRADICTIONS`).
    """

    rows: pl.DataFrame
    voices: Voices
    asked: int | None
    budget: int | None
    strata: pl.DataFrame
    drops: dict[str, int]
    repeats: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REPEATS))
    need: Need | None = None
    diversity: Diversity | None = None
    pairs: Pairing | None = None
    contradictions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CONTRADICTIONS))

    def conversations(self, split: str) -> Iterator[Conversation]:
        """The rows of one split, as formats take them."""
        return self.voices.spoken(self.rows.filter(pl.col("split") == split))

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
    program: ir.Program,
    corpus: Corpus,
    verdicts: pl.DataFrame,
    files: Sequence[Stock] = (),
    embed: Embed = unknown,
) -> Selection:
    """The mix of a recipe's nodes under the verdicts on them (columns of `VERDICTS`).

    Where the recipe wants conversations compared, those that say what rows of `files` say are left out too.
    Vectors of texts that are to differ come from `embed`.

    The same nodes give the same rows in whatever order they come; a mix of 50 is part of the mix of 100.

    Raises:
        RecipeError: an output refuses rows that it is not to leave out.
        BackendError: vectors of texts cannot be had.
    """
    mix, tree, said = program.mix, grown(program, corpus), voices(program, corpus)
    left = _eligible(program, tree, said, verdicts, files)
    rows = _spread(program, left, said, embed)
    strata = _achieved(mix, left.shares, _counted(left.kinds, rows))
    beyond = BEYOND_SIZE if mix.tokens is None else BEYOND_TOKENS
    short = left.rows.height - rows.height
    kept = _split(program, rows).join(left.kinds, on="kind", how="left", maintain_order="left")
    return Selection(
        rows=kept.with_columns(source=pl.lit(program.name)).drop("subtree", "drawn", "kind"),
        voices=said,
        asked=mix.size,
        budget=mix.tokens,
        strata=strata,
        drops=left.drops | ({beyond: short} if short else {}),
        repeats=left.repeats,
        diversity=diversity.told(program, left.rows, rows),
        need=need(program, tree, rows, strata, spent=short > 0),
        pairs=scored(program, left.pairs, rows, tree),
        contradictions=contradictions(mix, left.shares, _counted(left.kinds, left.rows)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Eligible:
    """The conversations that a mix may take.

    Attributes:
        rows: columns of `CONVERSATIONS`, in their order.
        kinds: which kinds there are (columns of `KINDS`).
        shares: which shares their strata are to have.
        drops: those left out so far, by reason.
        repeats: those of them that say what another row says.
        pairs: what became of the answers that pairs are made of.
    """

    rows: pl.DataFrame
    kinds: pl.DataFrame
    shares: Shares
    drops: dict[str, int]
    repeats: pl.DataFrame
    pairs: Pairing | None


def _eligible(
    program: ir.Program, tree: Tree, said: Voices, verdicts: pl.DataFrame, files: Sequence[Stock]
) -> _Eligible:
    """One name for all rows that are left at any time: those before are millions, and are given up."""
    mix, found = program.mix, conversations(program, tree, verdicts)
    rows, kinds = found.rows, found.kinds
    del found
    drops, answers = _count(rows), by_level(rows)
    rows, unpaired = paired(program, _where(rows, pl.col("reason").is_null()).drop("reason"), tree)
    pairs = pairing(program, answers, drops, rows, unpaired)
    refused = _refused(program, rows, said)
    rows = _without(rows, refused)
    repeats = repeated(mix.dedupe, rows, said, files)
    rows = _without(rows, repeats)
    copies = identical(rows)
    rows = _without(rows, copies)
    again = repeats.height + copies.height
    repeats = _ending(pl.concat([repeats, copies]), rows)
    worse = lesser(program, rows, tree)
    rows = _without(rows, worse)
    counted = _counted(kinds, rows)
    shares = {margin: margins.shares(program, margin, tree, counted) for margin in mix.margins}
    weightless = _weightless(mix, rows, counted, shares)
    rows = _without(rows, weightless)
    for dropped in (unpaired, refused, worse, weightless):
        drops |= _count(dropped)
    drops |= {DEDUPE: again} if again else {}
    return _Eligible(diversity.marked(program, rows, tree, said), kinds, shares, drops, repeats, pairs)


def _refused(program: ir.Program, found: pl.DataFrame, said: Voices) -> pl.DataFrame:
    """The leaves whose conversation an output of the recipe refuses and leaves out, and why."""
    reasons = refusals(program.emit, said.anyhow(found)) if program.emit else {}
    places = pl.Series("place", [*reasons], dtype=pl.Int64)
    return found.select("leaf_id")[places].with_columns(
        reason=pl.Series([*reasons.values()], dtype=pl.String)
    )


def _without(found: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    if dropped.is_empty():
        return found
    return found.join(dropped, on="leaf_id", how="anti", maintain_order="left")


def _where(found: pl.DataFrame, kept: pl.Expr) -> pl.DataFrame:
    mask = found.select(kept).to_series()
    return found if mask.all() else found.filter(mask)


def _ending(repeats: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Those repeats that do not go on in other rows."""
    if repeats.is_empty():
        return repeats
    passed = rows.select(pl.col("path").list.explode())
    return repeats.join(passed, left_on="leaf_id", right_on="path", how="anti", maintain_order="left")


def _count(dropped: pl.DataFrame) -> dict[str, int]:
    counts = dropped.drop_nulls("reason").group_by("reason").len().sort("reason")
    return dict(counts.iter_rows())


def _counted(kinds: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Kinds with how many `rows` are of each."""
    counts = found.group_by("kind").agg(rows=pl.len().cast(pl.Int64))
    return kinds.join(counts, on="kind", how="left", maintain_order="left").with_columns(
        pl.col("rows").fill_null(0)
    )


def _weightless(mix: ir.Mix, found: pl.DataFrame, kinds: pl.DataFrame, shares: Shares) -> pl.DataFrame:
    """The leaves whose share is none, and of which margin."""
    dropped = pl.DataFrame(schema={"kind": pl.UInt64, "reason": pl.String})
    for margin, said in shares.items():
        here = kinds.select("kind", stratum=margins.of(kinds, mix, margin))
        none = here.join(said.filter(pl.col("share") == 0), on="stratum", how="semi")
        reasons = none.select("kind", reason=pl.lit(f"no share in `{margin.name}`"))
        dropped = pl.concat([dropped, reasons])
    first = dropped.unique("kind", keep="first", maintain_order=True)
    return found.select("leaf_id", "kind").join(first, on="kind").select("leaf_id", "reason")


def _spread(program: ir.Program, left: _Eligible, said: Voices, embed: Embed) -> pl.DataFrame:
    """As many as the budget allows, in hash order; where texts are to differ, those first that do."""
    mix, found = program.mix, left.rows
    if mix.tokens is None and (mix.size is None or mix.size >= found.height):
        return found
    drawn = found["drawn"].to_numpy()
    ready = np.concatenate([np.flatnonzero(drawn), np.flatnonzero(~drawn)])
    kinds = found["kind"].gather(ready)
    quotas = [margins.quota(shares, left.kinds, kinds, mix, margin) for margin, shares in left.shares.items()]
    diverse = mix.diverse and diversity.spread(program, mix.diverse, found[ready], said, embed)
    order = diverse.order if diverse else as_they_are
    chosen = islice(taken(quotas, len(ready), order), mix.size)
    return found[np.sort(ready[_affordable(chosen, found["tokens"].gather(ready), mix.tokens)])]


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


def _achieved(mix: ir.Mix, shares: Shares, kinds: pl.DataFrame) -> pl.DataFrame:
    """What was available, asked and achieved of every stratum; of a budget in tokens, of the rows it came to."""
    found = [pl.DataFrame(schema=STRATA)]
    total = mix.size if mix.tokens is None else int(kinds["rows"].sum())
    for margin, said in shares.items():
        achieved = margins.counted(kinds, mix, margin).rename({"rows": "achieved"})
        found.append(
            said.join(achieved, on="stratum", how="left", maintain_order="left").select(
                pl.lit(margin.name).alias("by"),
                "stratum",
                "available",
                margins.whole(pl.col("share"), total).alias("asked"),
                pl.col("achieved").fill_null(0),
            )
        )
    return pl.concat(found)
