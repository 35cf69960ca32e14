"""How many things of each kind texts hold, and verdicts on it."""

from collections.abc import Iterable, Mapping

import polars as pl

from tgc import parallel
from tgc.detect.kind import Kind


def tally(texts: pl.Series, kinds: Iterable[Kind]) -> pl.DataFrame:
    """What each text holds: `score` (Float64), how many things, and `said` (String), how many of which kind.

    >>> from tgc.detect.personal import KINDS
    >>> tally(pl.Series(["ann@site.org and bob@site.org", "nobody"]), KINDS).rows()
    [(2.0, 'email 2'), (0.0, None)]
    """
    found = pl.concat([_found(texts, kind) for kind in kinds])
    counts = found.group_by("text", "name", maintain_order=True).agg(pl.col("count").sum())
    by_text = counts.group_by("text", maintain_order=True).agg(
        score=pl.col("count").sum().cast(pl.Float64),
        said=pl.format("{} {}", "name", "count").str.join(", "),
    )
    rows = pl.DataFrame({"text": pl.int_range(len(texts), dtype=pl.UInt32, eager=True)})
    joined = rows.join(by_text, on="text", how="left", maintain_order="left")
    return joined.select(pl.col("score").fill_null(0.0), "said")


def verdicts(measured: pl.DataFrame, says: Mapping[str, str]) -> pl.DataFrame:
    """Verdicts that reject what holds anything of the kinds in `says`, which has what the reason calls them.

    `measured` has node_id and `said`, as `tally` gives it; the score counts what is of these kinds.
    """
    counts = {name: _count(name) for name in says}
    score = pl.sum_horizontal(counts.values())
    named = pl.concat_list(pl.when(counts[name] > 0).then(pl.lit(words)) for name, words in says.items())
    reason = pl.when(score > 0).then(named.list.drop_nulls().list.join(", "))
    return measured.select("node_id", kept=score == 0, reason=reason, score=score.cast(pl.Float64))


def _found(texts: pl.Series, kind: Kind) -> pl.DataFrame:
    rows = texts.str.contains(kind.hint).arg_true()
    counts = parallel.over(kind.count, texts.gather(rows).to_list())
    frame = pl.DataFrame({"text": rows, "count": counts}, schema={"text": pl.UInt32, "count": pl.Int64})
    return frame.filter(pl.col("count") > 0).with_columns(name=pl.lit(kind.name))


def _count(name: str) -> pl.Expr:
    return pl.col("said").str.extract(rf"(?:^|, ){name} (\d+)").cast(pl.Int64).fill_null(0)
