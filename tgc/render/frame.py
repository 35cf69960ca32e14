"""Frames as text: for people and for pipes."""

import json

import polars as pl

from tgc.render.amount import count
from tgc.render.plain import plain
from tgc.render.table import align


def table(frame: pl.DataFrame) -> str:
    """Columns aligned, numbers to the right, then how many rows there are.

    What would move the cursor is spelled out, for a model may have written it.

    >>> print(table(pl.DataFrame({"level": ["topic", "question"], "nodes": [6, 1234]})))
    level     nodes
    topic         6
    question   1234
    (2 rows)
    """
    numeric = {place for place, kind in enumerate(frame.dtypes) if kind.is_numeric()}
    rows = [tuple(frame.columns), *(tuple(map(_cell, row)) for row in frame.iter_rows())]
    return "\n".join([*align(rows, right=numeric), f"({count(frame.height, 'row')})"])


def as_csv(frame: pl.DataFrame) -> str:
    """RFC 4180 with a header; lists and structs as JSON, blobs as hex digits."""
    nested = [
        pl.col(name).map_elements(_json, pl.String) for name, kind in frame.schema.items() if kind.is_nested()
    ]
    return frame.with_columns(*nested, _hex()).write_csv().rstrip()


def as_json(frame: pl.DataFrame) -> str:
    """An array with an object per row; blobs as hex digits."""
    return frame.with_columns(_hex()).write_json()


def runs(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of `runs` that fit a terminal, newest last."""
    commit = pl.col("git_commit").str.slice(0, 8) + pl.when("git_dirty").then(pl.lit("+")).otherwise(
        pl.lit("")
    )
    return frame.select(
        pl.col("run_id").alias("run"),
        pl.col("started_at").dt.strftime("%Y-%m-%d %H:%M"),
        "recipe",
        commit.alias("commit"),
        "status",
        "generated",
        "held",
        pl.col("completion_tokens").alias("tokens"),
        pl.col("seconds").round(1),
    )


def _hex() -> pl.Expr:
    return pl.col(pl.Binary).bin.encode("hex")


def _json(value: object) -> str:
    plain = value.to_list() if isinstance(value, pl.Series) else value
    return json.dumps(plain, ensure_ascii=False, default=str)


def _cell(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.4g}"
        case _:
            return plain(" ".join(str(value).split()))
