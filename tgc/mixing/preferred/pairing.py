"""What became of the answers that pairs could be made of, for the manifest. Pure."""

from dataclasses import dataclass, replace

import polars as pl

from tgc import ir
from tgc.mixing.dialogues.tree import Tree
from tgc.mixing.preferred.pairs import REJECTED


@dataclass(frozen=True, slots=True)
class Scores:
    """What the answers of the pairs of a mix score in the mean; None where there are no pairs."""

    chosen: float | None
    rejected: float | None


@dataclass(frozen=True, slots=True)
class Pairing:
    """What became of the answers that could be told apart.

    Attributes:
        candidates: how many there are, by their level.
        left_out: how many are in no pair, by reason: the filter that rejected a node of theirs, or what they lack.
        made: how many pairs the others make, each of two answers, before anything else is left out.
        scores: of the pairs in the mix; None where no score tells them apart.
    """

    candidates: dict[str, int]
    left_out: dict[str, int]
    made: int
    scores: Scores | None = None


def by_level(found: pl.DataFrame) -> dict[str, int]:
    """How many conversations of a frame end at each level."""
    return _counts(found, "level")


def pairing(
    program: ir.Program,
    candidates: dict[str, int],
    rejected: dict[str, int],
    made: pl.DataFrame,
    others: pl.DataFrame,
) -> Pairing | None:
    """What became of all answers; None where the mix has no pairs.

    Args:
        program: whose mix says what is chosen and what is rejected.
        candidates: the answers, by level.
        rejected: how many of them filters rejected, by filter.
        made: of the rest those that are chosen.
        others: those that are not, each with a `reason`.
    """
    if program.mix.pairs is None:
        return None
    lone = others.filter(pl.col("reason") != REJECTED)
    return Pairing(candidates, rejected | _counts(lone, "reason"), made.height)


def scored(program: ir.Program, made: Pairing | None, rows: pl.DataFrame, tree: Tree) -> Pairing | None:
    """The same with what the answers in the rows of a mix score."""
    pairs = program.mix.pairs
    if made is None or pairs is None or pairs.by is None:
        return made
    scores = tree.scores(pairs.by)
    return replace(made, scores=Scores(_mean(scores, rows["leaf_id"]), _mean(scores, rows["rejected"])))


def _mean(scores: pl.DataFrame, node_ids: pl.Series) -> float | None:
    each = node_ids.to_frame("node_id").join(scores, on="node_id")["score"]
    return round(float(each.sum()) / len(each), 6) if len(each) else None


def _counts(rows: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(rows.group_by(column).len().sort(column).iter_rows())
