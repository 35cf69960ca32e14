"""Rows of files and conversations of the tree beside each other: what each says, as a recipe compares it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import polars as pl

from tgc import ir
from tgc.dialogue import Conversation
from tgc.mixing.dialogues.voices import Voices
from tgc.mixing.files.stock import PART, Stock
from tgc.mixing.sameness.likeness import Source, likenesses
from tgc.mixing.sameness.sayings import SAYINGS, sayings


def files(dedupe: ir.Dedupe, stocks: Sequence[Stock]) -> tuple[Stock, ...]:
    """Files with what their rows say, in columns of `SAYINGS`."""
    match dedupe.by:
        case ir.Near() as near:
            return _saying(stocks, likenesses(near, [_rows(stock) for stock in stocks]))
        case by:
            return _saying(stocks, [_sayings(stock, by) for stock in stocks])


def beside(
    dedupe: ir.Dedupe, rows: pl.DataFrame, voices: Voices, stocks: Sequence[Stock]
) -> tuple[pl.DataFrame, tuple[Stock, ...]]:
    """What conversations of the tree say (columns of `SAYINGS`), and files with what their rows say beside these.

    Whose row stays comes first: of files, which are then told apart already, or of the tree.
    """
    match dedupe.by:
        case ir.Near() as near:
            here, others = (rows.height, _parts(voices.spoken(rows))), [_rows(stock) for stock in stocks]
            if dedupe.keep == "tree":
                own, *told = likenesses(near, [here, *others])
            else:
                *told, own = likenesses(near, [*others, here])
            return own, _saying(stocks, told)
        case by:
            said = voices.numbered(rows, lambda conversations: sayings(conversations, by))
            return _surely(said), files(dedupe, stocks) if dedupe.keep == "tree" else tuple(stocks)


def _saying(stocks: Sequence[Stock], said: Sequence[pl.DataFrame]) -> tuple[Stock, ...]:
    both = zip(stocks, said, strict=True)
    return tuple(replace(stock, rows=stock.rows.with_columns(told.get_columns())) for stock, told in both)


def _sayings(stock: Stock, by: ir.Sameness) -> pl.DataFrame:
    found = [sayings(conversations, by) for _, conversations in stock.parts()]
    return _surely(pl.concat([pl.Series(dtype=pl.UInt64), *found]))


def _surely(said: pl.Series) -> pl.DataFrame:
    return said.alias("said").to_frame().with_columns(score=1.0).cast(SAYINGS)


def _rows(stock: Stock) -> Source:
    return stock.rows.height, (conversations for _, conversations in stock.parts())


def _parts(told: Iterator[Conversation]) -> Iterator[list[Conversation]]:
    while some := list(islice(told, PART)):
        yield some
