"""Rows of the user's files, looked through before they are mixed: for what may be in no row, and for repeats."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from tgc import ir
from tgc.dialogue import Conversation
from tgc.filters.base import Filter
from tgc.mixing.files.stock import Stock
from tgc.mixing.sameness.repeats import without_repeats


def screened(program: ir.Program, stocks: Sequence[Stock]) -> tuple[Stock, ...]:
    """The rows of files without those that filters reject, and without those that say the same.

    Filters for what may be in no row of a mix judge these too, turn by turn, if they name no level. Of rows that
    say the same, the first of the first file stays; where the tree comes before files, that is told beside it.
    """
    filters = [check.filter for check in program.checks if check.filter.blended and not check.filter.level]
    clean = tuple(_clean(stock, filters) for stock in stocks) if filters else tuple(stocks)
    dedupe = program.mix.dedupe
    return without_repeats(dedupe, clean) if dedupe and dedupe.keep == "blend" else clean


def _clean(stock: Stock, filters: Sequence[Filter]) -> Stock:
    hit: dict[int, str] = {}
    for rows, conversations in stock.parts():
        for judge in filters:
            for place, reason in _judged(conversations, judge):
                hit.setdefault(rows["start"][place], reason)
    bad = pl.Series("start", list(hit), dtype=pl.UInt64)
    lines = stock.rows.filter(pl.col("start").is_in(bad.implode())).select("line", "start")
    left_out = stock.left_out.hit((line, hit[start]) for line, start in lines.iter_rows())
    rows = stock.rows.filter(~pl.col("start").is_in(bad.implode()))
    return replace(stock, rows=rows, left_out=left_out)


def _judged(conversations: Sequence[Conversation], judge: Filter) -> Iterator[tuple[int, str]]:
    """The places of those that a filter rejects, and the first reason of each."""
    turns = [
        (place, turn.content)
        for place, conversation in enumerate(conversations)
        for turn in conversation.said
        if turn.role != "system"
    ]
    told = pl.DataFrame(turns, schema={"place": pl.Int64, "text": pl.String}, orient="row")
    verdicts = judge.judge(told.select("text").with_row_index("node_id").cast({"node_id": pl.UInt64}))
    rejected = told.with_columns(verdicts.select("kept", "reason")).filter(~pl.col("kept"))
    first = rejected.unique("place", keep="first", maintain_order=True)
    yield from first.select("place", "reason").iter_rows()
