"""Nodes for filters to judge, and what they say of them."""

import polars as pl

from tgc.filters.base import SEEN, Filter


def nodes(*texts: str, mean_logprob: float | None = -1.0) -> pl.DataFrame:
    rows = [(number, text, 9, "stop", mean_logprob) for number, text in enumerate(texts, start=1)]
    return pl.DataFrame(rows, schema=SEEN, orient="row")


def reasons(judge: Filter, *texts: str) -> list[str | None]:
    return judge.judge(nodes(*texts))["reason"].to_list()
