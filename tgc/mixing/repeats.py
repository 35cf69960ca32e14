"""Rows that say again what another row says: known by 64 bits each, and told with where that stands. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from tgc import fingerprint, ir
from tgc.catalog import VERDICTS
from tgc.mixing.sayings import sayings
from tgc.mixing.stock import Stock
from tgc.mixing.voices import Voices

SAID = pl.Schema([("said", pl.UInt64()), ("file", pl.Int64()), ("line", pl.UInt64()), ("start", pl.UInt64())])
DEDUPE = "dedupe"
"""Under what name it is told that a conversation says what another row says."""

REPEATS = pl.Schema([("leaf_id", pl.UInt64()), ("reason", pl.String()), ("of", pl.UInt64())])


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What rows of files say.

    Attributes:
        rows: columns of `SAID`; each saying once.
        names: of the files, by their numbers.
    """

    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SAID))
    names: tuple[str, ...] = ()


NOTHING = Known()

TREE = "the tree"
"""Whose a row is that says what a conversation of the tree says."""


def known(stocks: Sequence[Stock]) -> Known:
    """What rows of files say that have their sayings, each where it stands first."""
    parts = [stock.rows.with_columns(file=pl.lit(file)).select(*SAID) for file, stock in enumerate(stocks)]
    rows = pl.concat([pl.DataFrame(schema=SAID), *(part.cast(SAID) for part in parts)])
    rows = rows.unique("said", keep="first", maintain_order=True)
    return Known(rows, tuple(stock.blend.reader.source for stock in stocks))


def without_repeats(stocks: Sequence[Stock]) -> tuple[Stock, ...]:
    """Files without the rows that say what one before says, in the same file or another."""
    first = known(stocks)
    return tuple(_left(stock, _elsewhere(stock, first), first) for stock in stocks)


def _elsewhere(stock: Stock, first: Known) -> pl.DataFrame:
    """The rows of which another says the same, with its `file` and `line_first`."""
    here = stock.rows.select("said", "line", "start")
    found = here.join(first.rows, on="said", suffix="_first", maintain_order="left")
    return found.filter(pl.col("start") != pl.col("start_first"))


def _left(stock: Stock, repeats: pl.DataFrame, first: Known) -> Stock:
    told = (
        (line, first.names[file], _line(first, file, at))
        for line, file, at in _each(repeats, "line", "file", "line_first")
    )
    rows = stock.rows.join(repeats, on="start", how="anti", maintain_order="left")
    return replace(stock, rows=rows, left_out=stock.left_out.same(told))


def repeated(
    dedupe: ir.Dedupe | None, rows: pl.DataFrame, voices: Voices, others: Known = NOTHING
) -> pl.DataFrame:
    """The conversations of a frame that say what a row of a file says, or one before: columns of `REPEATS`."""
    if dedupe is None:
        return pl.DataFrame(schema=REPEATS)
    here = rows.select("leaf_id", said=_said(dedupe, rows, voices))
    theirs = here.join(others.rows, on="said", maintain_order="left")
    own = here.join(theirs, on="leaf_id", how="anti", maintain_order="left")
    first = own.with_columns(first=pl.col("leaf_id").first().over("said"))
    again = first.filter(pl.col("leaf_id") != pl.col("first"))
    told = [
        *(
            (leaf, _line(others, file, line), None)
            for leaf, file, line in _each(theirs, "leaf_id", "file", "line")
        ),
        *((leaf, fingerprint.spell(first), first) for leaf, first in _each(again, "leaf_id", "first")),
    ]
    reasons = [(leaf, f"the same as {place}", of) for leaf, place, of in told]
    return pl.DataFrame(reasons, schema=REPEATS, orient="row")


def verdicts(recipe: str, repeats: pl.DataFrame) -> pl.DataFrame:
    """What is said of conversations that say what another row says, with columns of `VERDICTS`."""
    said = repeats.select("reason", "of", node_id="leaf_id", recipe=pl.lit(recipe), filter=pl.lit(DEDUPE))
    return (
        said.with_columns(kept=pl.lit(False), score=pl.lit(1.0)).select(*VERDICTS).cast(pl.Schema(VERDICTS))
    )


def beside(
    dedupe: ir.Dedupe, rows: pl.DataFrame, voices: Voices, stocks: Sequence[Stock]
) -> tuple[Stock, ...]:
    """Files without the rows that say what a conversation of a frame says."""
    here = rows.select("leaf_id", said=_said(dedupe, rows, voices)).unique(
        "said", keep="first", maintain_order=True
    )
    return tuple(_apart(stock, here) for stock in stocks)


def _apart(stock: Stock, conversations: pl.DataFrame) -> Stock:
    found = stock.rows.join(conversations, on="said", maintain_order="left")
    told = ((line, TREE, fingerprint.spell(leaf)) for line, leaf in _each(found, "line", "leaf_id"))
    rows = stock.rows.join(conversations, on="said", how="anti", maintain_order="left")
    return replace(stock, rows=rows, left_out=stock.left_out.same(told))


def _said(dedupe: ir.Dedupe, rows: pl.DataFrame, voices: Voices) -> pl.Series:
    return voices.numbered(rows, lambda conversations: sayings(conversations, dedupe.by))


def _line(known: Known, file: int, line: int) -> str:
    return f"line {line} of `{known.names[file]}`"


def _each(rows: pl.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:  # what columns hold differs
    return rows.select(*columns).iter_rows()
