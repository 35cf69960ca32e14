"""Rows of the user's files between the conversations of a mix: chosen and placed by their hashes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import polars as pl

from tgc import fingerprint, ir
from tgc.dialogue import Conversation
from tgc.fingerprint import Ids
from tgc.formats.base import TRAIN
from tgc.mixing.conversations import spoken
from tgc.mixing.portions import Portion, portions, share
from tgc.mixing.selection import Selection
from tgc.mixing.stock import Stock

TREE = -1
"""In place of a file's number, for conversations of the tree."""

ROWS = pl.Schema(
    [
        ("key", pl.UInt64()),  # what they are ordered by
        ("file", pl.Int64()),  # which they are of
        ("leaf_id", pl.UInt64()),  # null in rows of files
        ("line", pl.Int64()),  # null in conversations of the tree
        ("source", pl.String()),
        ("split", pl.String()),
        ("turns", pl.Int64()),
        ("tokens", pl.Int64()),
        ("estimated", pl.Int64()),
        ("images", pl.Int64()),
        ("start", pl.Int64()),  # where they are kept
        ("size", pl.Int64()),
    ]
)
"""Columns of the rows of a blended mix."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a file gives to a mix.

    Attributes:
        asked: rows, or a share of all.
        rows: how many it gives, repeated ones included.
        tokens: theirs, as estimated.
        short: whether it has fewer than asked for.
    """

    stock: Stock
    asked: int | Fraction
    rows: int
    tokens: int
    short: bool


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A whole mix: a selection of conversations, and rows of files between them.

    Attributes:
        selection: what the tree gives.
        rows: in the order of the mix, with the columns of `ROWS`.
        parts: what each file gives, in the order of the recipe.
    """

    selection: Selection
    rows: pl.DataFrame
    parts: tuple[Part, ...] = ()

    @property
    def splits(self) -> dict[str, int]:
        """How many rows each split has."""
        return dict(self.rows.group_by("split").len().sort("split").iter_rows())

    def conversations(self, split: str) -> Iterator[Conversation]:
        """The rows of one split, as formats take them."""
        rows = self.rows.filter(pl.col("split") == split)
        generated = spoken(self._tree(rows))
        for file, start, size in rows.select("file", "start", "size").iter_rows():
            yield next(generated) if file == TREE else self.parts[file].stock.conversation(start, size)

    def _tree(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The conversations of the tree among some rows, in their order."""
        leaves = rows.filter(pl.col("file") == TREE).select("leaf_id")
        return leaves.join(self.selection.rows, on="leaf_id", maintain_order="left")


def blend(program: ir.Program, selection: Selection, stocks: Sequence[Stock] = ()) -> Mixture:
    """The mix of a selection and files; the rows of files all go to `train`.

    All rows are in the order of a hash of what they say and the seed, so that none moves the others, and every
    stretch of the mix has about the same shares. Only, the first row with an image comes first of all.
    """
    rows = _generated(program, selection.rows)
    if not stocks:
        return Mixture(selection, rows)
    asked = [_asked(stock) for stock in stocks]
    gives = [Portion(wanted, stock.available) for wanted, stock in zip(asked, stocks, strict=True)]
    counts = portions(rows.height, gives)
    taken = enumerate(zip(stocks, counts, strict=True))
    given = [_given(program, file, stock, count) for file, (stock, count) in taken]
    tokens = [int(part["tokens"].sum()) for part in given]
    whole = rows.height + sum(counts)
    short = [_is_short(part, count, whole) for part, count in zip(gives, counts, strict=True)]
    return Mixture(
        selection, _ordered(pl.concat([rows, *given])), tuple(map(Part, stocks, asked, counts, tokens, short))
    )


def _asked(stock: Stock) -> int | Fraction:
    reader = stock.blend.reader
    if reader.share is not None:
        return share(reader.share)
    return reader.rows if isinstance(reader.rows, int) else stock.available


def _is_short(part: Portion, rows: int, whole: int) -> bool:
    wanted = part.asked if isinstance(part.asked, int) else round(part.asked * whole)
    return rows == part.available and rows < wanted


def _generated(program: ir.Program, rows: pl.DataFrame) -> pl.DataFrame:
    ids = _ids(rows, "leaf_id")
    none = {name: pl.lit(0) for name in ("images", "start", "size")}
    keys = _places(program, ids, np.zeros_like(ids))
    return rows.with_columns(key=keys, file=pl.lit(TREE), line=pl.lit(None), **none).select(*ROWS).cast(ROWS)


def _given(program: ir.Program, file: int, stock: Stock, count: int) -> pl.DataFrame:
    """So many rows of a file: all in hash order, and all again, until there are enough."""
    twins = stock.rows.with_columns(twin=pl.int_range(pl.len(), dtype=pl.UInt64).over("word"))
    choice = fingerprint.children(f"{program.seed} choice", _ids(twins, "word"), _ids(twins, "twin"))
    ready = twins.with_columns(choice=pl.Series(choice)).sort("choice", "start")
    times, rest = divmod(count, ready.height or 1)
    passes = [ready.with_columns(time=pl.lit(time, pl.UInt64)) for time in range(times)]
    rows = pl.concat([*passes, ready.head(rest).with_columns(time=pl.lit(times, pl.UInt64))])
    ordinals = _ids(rows, "time") << np.uint64(32) | _ids(rows, "twin")
    return (
        rows.with_columns(
            key=_places(program, _ids(rows, "word"), ordinals),
            file=pl.lit(file),
            leaf_id=pl.lit(None),
            source=pl.lit(stock.blend.reader.source),
            split=pl.lit(TRAIN),
            estimated="tokens",
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
