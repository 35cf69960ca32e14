"""Rows of the user's files between the conversations of a mix: chosen and placed by their hashes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tgc import fingerprint, ir
from tgc.dialogue import Conversation
from tgc.fingerprint import Ids
from tgc.formats.base import TRAIN
from tgc.mixing.files.parts import Part, amounts, in_order, parts_of
from tgc.mixing.files.stock import Stock
from tgc.mixing.selection import Selection
from tgc.mixing.shares import blocks

TREE = -1
"""In place of a file's number, for conversations of the tree."""

ROWS = pl.Schema(
    [
        ("key", pl.UInt64()),  # what they are ordered by
        ("file", pl.Int64()),  # which they are of
        ("leaf_id", pl.UInt64()),  # null in rows of files
        ("rejected_id", pl.UInt64()),  # null but in pairs of the tree
        ("line", pl.Int64()),  # null in conversations of the tree
        ("source", pl.String()),
        ("split", pl.String()),
        ("turns", pl.Int64()),
        ("tokens", pl.Int64()),
        ("estimated", pl.Int64()),
        ("supervised_tokens", pl.Int64()),
        ("images", pl.Int64()),
        ("start", pl.Int64()),  # where they are kept
        ("size", pl.Int64()),
    ]
)
"""Columns of the rows of a blended mix."""


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A whole mix: a selection of conversations, and rows of files between them.

    Attributes:
        mix: what was asked for.
        selection: what the tree gives.
        rows: in the order of the mix, with the columns of `ROWS`.
        parts: what each file gives, in the order of the recipe.
    """

    mix: ir.Mix
    selection: Selection
    rows: pl.DataFrame
    parts: tuple[Part, ...] = ()

    @property
    def splits(self) -> dict[str, int]:
        """How many rows each split has."""
        return dict(self.rows.group_by("split").len().sort("split").iter_rows())

    @property
    def blocks(self) -> pl.DataFrame:
        """The blocks of each split, with the columns of `blocks.BLOCKS`; empty where none were asked for."""
        size = self.mix.blocks
        return blocks.told(self.rows, size) if size else pl.DataFrame(schema=blocks.BLOCKS)

    def amount(self, unit: ir.Unit, file: int) -> int:
        """What the rows of a file come to, or those of the tree."""
        return int(amounts(unit, self.rows.filter(pl.col("file") == file)).sum())

    def share(self, unit: ir.Unit, file: int) -> float:
        """What share of the mix the rows of a file are, or those of the tree."""
        return self.amount(unit, file) / (int(amounts(unit, self.rows).sum()) or 1)

    def conversations(self, split: str) -> Iterator[Conversation]:
        """The rows of one split, as formats take them."""
        rows = self.rows.filter(pl.col("split") == split)
        generated = self.selection.voices.spoken(self._tree(rows))
        for file, start, size in rows.select("file", "start", "size").iter_rows():
            yield next(generated) if file == TREE else self.parts[file].stock.conversation(start, size)

    def _tree(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The conversations of the tree among some rows, in their order."""
        leaves = rows.filter(pl.col("file") == TREE).select("leaf_id")
        return leaves.join(self.selection.rows, on="leaf_id", maintain_order="left")


def blend(program: ir.Program, selection: Selection, stocks: Sequence[Stock] = ()) -> Mixture:
    """The mix of a selection and files; the rows of files all go to `train`.

    All rows are in the order of a hash of what they say and the seed, so that none moves the others, and every
    stretch of the mix has about the same shares. Only, the first row with an image comes first of all, and where
    the recipe asks for blocks, these are taken from that order.
    """
    mix, tree = program.mix, _generated(program, selection.rows)
    if not stocks:
        return Mixture(mix, selection, tree)
    chosen = [in_order(program, stock) for stock in stocks]
    parts = parts_of(mix, int(amounts(mix.share_of, tree).sum()), stocks, chosen)
    given = [
        _given(program, file, rows, part) for file, (rows, part) in enumerate(zip(chosen, parts, strict=True))
    ]
    rows = _ordered(pl.concat([tree, *given]))
    return Mixture(mix, selection, blocks.arranged(rows, mix.blocks) if mix.blocks else rows, parts)


def _generated(program: ir.Program, rows: pl.DataFrame) -> pl.DataFrame:
    ids = _ids(rows, "leaf_id")
    none = {name: pl.lit(0) for name in ("images", "start", "size")}
    keys = _places(program, ids, np.zeros_like(ids))
    told = rows.rename({"rejected": "rejected_id"})
    return told.with_columns(key=keys, file=pl.lit(TREE), line=pl.lit(None), **none).select(*ROWS).cast(ROWS)


def _given(program: ir.Program, file: int, ready: pl.DataFrame, part: Part) -> pl.DataFrame:
    """So many rows of a file as it gives: all, and all again, until there are enough."""
    times, rest = divmod(part.rows, ready.height or 1)
    passes = [ready.with_columns(time=pl.lit(time, pl.UInt64)) for time in range(times)]
    rows = pl.concat([*passes, ready.head(rest).with_columns(time=pl.lit(times, pl.UInt64))])
    ordinals = _ids(rows, "time") << np.uint64(32) | _ids(rows, "twin")
    return (
        rows.with_columns(
            key=_places(program, _ids(rows, "word"), ordinals),
            file=pl.lit(file),
            leaf_id=pl.lit(None),
            rejected_id=pl.lit(None),
            source=pl.lit(part.stock.blend.reader.source),
            split=pl.lit(TRAIN),
            estimated=pl.col("tokens") if part.stock.estimated else pl.lit(0),
        )
        .select(*ROWS)
        .cast(ROWS)
    )


def _places(program: ir.Program, ids: Ids, ordinals: Ids) -> pl.Series:
    return pl.Series(fingerprint.children(f"{program.seed} place", ids, ordinals))


def _ids(rows: pl.DataFrame, column: str) -> Ids:
    return rows[column].to_numpy()


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.sort("key", "file", "leaf_id", "start")
    seen = rows["images"] > 0
    first = seen.arg_max() if seen.any() else None
    return rows if first is None else pl.concat([rows[first : first + 1], rows[:first], rows[first + 1 :]])
