"""How many things of each kind texts hold, and verdicts on it."""

from collections.abc import Iterable, Mapping

import polars as pl

from tgc import parallel
from tgc.detect.kind import Kind

FOUND = {"text": pl.UInt32, "name": pl.String, "count": pl.Int64}


def tally(texts: pl.Series, kinds: Iterable[Kind]) -> pl.DataFrame:
    """What each text holds: `score` (Float64), how many things, and `said` (String), how many of which kind.

    >>> from tgc.detect.personal import KINDS
    >>> tally(pl.Series(["ann@site.org and bob@site.org", "nobody"]), KINDS).rows()
    [(2.0, 'email 2'), (0.0, None)]
    """
    found = _found(texts, tuple(kinds))
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
    held = measured["said"].drop_nulls().unique()
    rows = [(said, *_chosen(said, says)) for said in held]
    told = pl.DataFrame(
        rows, schema={"said": pl.String, "reason": pl.String, "score": pl.Float64}, orient="row"
    )
    judged = measured.select("node_id", "said").join(told, on="said", how="left", maintain_order="left")
    score = pl.col("score").fill_null(0.0)
    return judged.select("node_id", kept=score == 0, reason=pl.when(score > 0).then("reason"), score=score)


def _chosen(said: str, says: Mapping[str, str]) -> tuple[str, int]:
    counts = {name: int(count) for name, count in map(str.split, said.split(", "))}
    chosen = [name for name in says if name in counts]
    return ", ".join(says[name] for name in chosen), sum(counts[name] for name in chosen)


def _found(texts: pl.Series, kinds: tuple[Kind, ...]) -> pl.DataFrame:
    """How many of each kind are in which text (its index), where there are any."""
    hinted = (
        pl.DataFrame({"text": texts}).with_row_index("row").filter(pl.col("text").str.contains(_any(kinds)))
    )
    parts = (_counted(hinted, kind) for kind in (kinds if hinted.height else ()))
    return pl.concat([pl.DataFrame(schema=FOUND), *parts])


def _any(kinds: tuple[Kind, ...]) -> str:
    return "|".join(f"(?:{kind.hint})" for kind in kinds)


def _counted(texts: pl.DataFrame, kind: Kind) -> pl.DataFrame:
    some = texts.filter(pl.col("text").str.contains(kind.hint))
    counts = parallel.over(kind.count, some["text"].to_list())
    frame = some.select(text="row", name=pl.lit(kind.name), count=pl.Series(counts, dtype=pl.Int64))
    return frame.filter(pl.col("count") > 0)
