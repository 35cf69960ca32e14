"""Rows that say again what another row says: known by 64 bits each, and told with where that stands. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from tgc import fingerprint, ir
from tgc.catalog import VERDICTS
from tgc.mixing.dialogues.voices import Voices
from tgc.mixing.files.stock import Stock
from tgc.mixing.sameness import compared

SAID = pl.Schema([("said", pl.UInt64()), ("file", pl.Int64()), ("line", pl.UInt64()), ("start", pl.UInt64())])
DEDUPE = "dedupe"
"""Under what name it is told that a conversation says what another row says."""

REPEATS = pl.Schema(
    [("leaf_id", pl.UInt64()), ("reason", pl.String()), ("score", pl.Float64()), ("of", pl.UInt64())]
)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What rows of files say.

    Attributes:
        rows: columns of `SAID`; each saying once.
        names: of the files, by their numbers.
    """

    rows: pl.DataFrame
    names: tuple[str, ...]

    def place(self, file: int, line: int) -> str:
        """Where a row stands."""
        return f"line {line} of `{self.names[file]}`"


TREE = "the tree"
"""Whose a row is that says what a conversation of the tree says."""


def without_repeats(dedupe: ir.Dedupe, stocks: Sequence[Stock]) -> tuple[Stock, ...]:
    """Files without the rows that say what one before says, in the same file or another."""
    return _distinct(dedupe, compared.files(dedupe, stocks))


def repeated(
    dedupe: ir.Dedupe | None, rows: pl.DataFrame, voices: Voices, stocks: Sequence[Stock] = ()
) -> pl.DataFrame:
    """The conversations of a frame that say what a row of a file says, or one before: columns of `REPEATS`."""
    if dedupe is None:
        return pl.DataFrame(schema=REPEATS)
    said, files = compared.beside(dedupe, rows, voices, stocks)
    others, here = _known(files), rows.select("leaf_id").hstack(said)
    theirs = here.join(others.rows, on="said", maintain_order="left")
    own = here.join(theirs, on="leaf_id", how="anti", maintain_order="left")
    first = own.with_columns(first=pl.col("leaf_id").first().over("said"))
    again = first.filter(pl.col("leaf_id") != pl.col("first"))
    told = [
        *(
            (leaf, score, others.place(file, line), None)
            for leaf, score, file, line in _each(theirs, "leaf_id", "score", "file", "line")
        ),
        *(
            (leaf, score, fingerprint.spell(first), first)
            for leaf, score, first in _each(again, "leaf_id", "score", "first")
        ),
    ]
    reasons = [(leaf, _why(dedupe, score, place), score, of) for leaf, score, place, of in told]
    return pl.DataFrame(reasons, schema=REPEATS, orient="row")


def identical(rows: pl.DataFrame) -> pl.DataFrame:
    """The conversations of a frame that say word for word what one before says: columns of `REPEATS`."""
    alike = rows.select("leaf_id", "said").filter(pl.col("said").is_duplicated())
    again = alike.with_columns(of=pl.col("leaf_id").first().over("said")).filter(
        pl.col("leaf_id") != pl.col("of")
    )
    first = pl.col("of").map_elements(fingerprint.spell, return_dtype=pl.String)
    return again.select("leaf_id", reason=pl.format("the same as {}", first), score=1.0, of="of").cast(
        REPEATS
    )


def beside(
    dedupe: ir.Dedupe, rows: pl.DataFrame, voices: Voices, stocks: Sequence[Stock]
) -> tuple[Stock, ...]:
    """Files without the rows that say what a conversation of a frame says, or a row before."""
    said, files = compared.beside(dedupe, rows, voices, stocks)
    here = rows.select("leaf_id").hstack(said).drop("score")
    first = here.unique("said", keep="first", maintain_order=True)
    return _distinct(dedupe, [_apart(dedupe, stock, first) for stock in files])


def verdicts(recipe: str, repeats: pl.DataFrame) -> pl.DataFrame:
    """What is said of conversations that say what another row says, with columns of `VERDICTS`."""
    said = repeats.select(
        "reason", "score", "of", node_id="leaf_id", recipe=pl.lit(recipe), filter=pl.lit(DEDUPE)
    )
    return said.with_columns(kept=pl.lit(False)).select(*VERDICTS).cast(pl.Schema(VERDICTS))


def _known(stocks: Sequence[Stock]) -> _Known:
    """What rows of files say, each where it stands first."""
    parts = [stock.rows.with_columns(file=pl.lit(file)).select(*SAID) for file, stock in enumerate(stocks)]
    rows = pl.concat([pl.DataFrame(schema=SAID), *(part.cast(SAID) for part in parts)])
    rows = rows.unique("said", keep="first", maintain_order=True)
    return _Known(rows, tuple(stock.blend.reader.source for stock in stocks))


def _distinct(dedupe: ir.Dedupe, stocks: Sequence[Stock]) -> tuple[Stock, ...]:
    first = _known(stocks)
    return tuple(_left(dedupe, stock, _elsewhere(stock, first), first) for stock in stocks)


def _elsewhere(stock: Stock, first: _Known) -> pl.DataFrame:
    """The rows of which another says the same, with its `file` and `line_first`."""
    here = stock.rows.select("said", "score", "line", "start")
    found = here.join(first.rows, on="said", suffix="_first", maintain_order="left")
    return found.filter(pl.col("start") != pl.col("start_first"))


def _left(dedupe: ir.Dedupe, stock: Stock, repeats: pl.DataFrame, first: _Known) -> Stock:
    told = (
        (line, first.names[file], _why(dedupe, score, first.place(file, at)))
        for line, score, file, at in _each(repeats, "line", "score", "file", "line_first")
    )
    rows = stock.rows.join(repeats, on="start", how="anti", maintain_order="left")
    return replace(stock, rows=rows, left_out=stock.left_out.same(told))


def _apart(dedupe: ir.Dedupe, stock: Stock, conversations: pl.DataFrame) -> Stock:
    found = stock.rows.join(conversations, on="said", maintain_order="left")
    told = (
        (line, TREE, _why(dedupe, score, fingerprint.spell(leaf)))
        for line, score, leaf in _each(found, "line", "score", "leaf_id")
    )
    rows = stock.rows.join(conversations, on="said", how="anti", maintain_order="left")
    return replace(stock, rows=rows, left_out=stock.left_out.same(told))


def _why(dedupe: ir.Dedupe, score: float, place: str) -> str:
    return (
        f"similarity {round(score, 3)} to {place}"
        if isinstance(dedupe.by, ir.Near)
        else f"the same as {place}"
    )


def _each(rows: pl.DataFrame, *columns: str) -> Iterator[tuple[Any, ...]]:  # what columns hold differs
    return rows.select(*columns).iter_rows()
