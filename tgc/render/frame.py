"""Frames as text: for people and for pipes."""

import json
from collections.abc import Collection, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl

from tgc.counts import count
from tgc.render.plain import line
from tgc.render.table import align, width

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

FEW, MANY = 1e3, 1e15
"""Between these, a number is rounded to a whole one; others show four digits."""
LEAST = 16
"""No text is cut to fewer columns: that is what an id takes."""


def table(frame: pl.DataFrame, columns: int = 80) -> str:
    """Columns aligned, numbers to the right, then how many rows there are.

    Where lines would be wider than that many columns of a terminal, texts are cut, the longest first; numbers and
    times are not. What would move the cursor is spelled out, for a model may have written it.

    >>> print(table(pl.DataFrame({"level": ["topic", "question"], "nodes": [6, 1234]})))
    level     nodes
    topic         6
    question   1234
    (2 rows)
    >>> print(table(pl.DataFrame({"id": ["00c0ffee00c0ffee"], "text": ["which of the three is it?"]}), 34))
    id                text
    00c0ffee00c0ffee  which of the th…
    (1 row)
    """
    numeric = {place for place, kind in enumerate(frame.dtypes) if kind.is_numeric()}
    shown = frame.with_columns(_hex())
    rows = [
        tuple(frame.columns),
        *(tuple(_cell(value, columns) for value in row) for row in shown.iter_rows()),
    ]
    whole = {place for place, kind in enumerate(frame.dtypes) if kind.is_numeric() or kind.is_temporal()}
    lines = align(rows, right=numeric, widest=_widest(rows, whole, columns))
    return "\n".join([*lines, f"({count(frame.height, 'row')})"])


def _widest(rows: Sequence[Sequence[str]], whole: Collection[int], columns: int) -> list[int]:
    """The most columns of a cell, by place; some stay whole, and no text is cut for the sake of a longer one."""
    wanted = [max(map(width, cells)) for cells in zip(*rows, strict=True)]
    texts = [wide for place, wide in enumerate(wanted) if place not in whole]
    room = columns - 2 * (len(wanted) - 1) - (sum(wanted) - sum(texts))
    fitting = (most for most in range(columns, LEAST, -1) if sum(min(wide, most) for wide in texts) <= room)
    most = next(fitting, LEAST)
    return [wide if place in whole else most for place, wide in enumerate(wanted)]


def as_csv(frame: pl.DataFrame) -> str:
    """RFC 4180 with a header; lists and structs as JSON, blobs as hex digits."""
    nested = [
        pl.col(name).map_elements(_json, pl.String) for name, kind in frame.schema.items() if kind.is_nested()
    ]
    return frame.with_columns(*nested, _hex()).write_csv().rstrip()


def as_json(frame: pl.DataFrame) -> str:
    """An array with an object per row; blobs as hex digits, decimals as numbers."""
    numbers = [pl.col(name).cast(_number(kind)) for name, kind in frame.schema.items()]
    return frame.with_columns(numbers).with_columns(_hex()).write_json()


def as_parquet(frame: pl.DataFrame) -> bytes:
    """A file of Parquet."""
    file = BytesIO()
    frame.write_parquet(file)
    return file.getvalue()


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


def _number(kind: "PolarsDataType") -> "PolarsDataType":
    """The type with numbers for decimals, which would be text in JSON; a sum of integers is one."""
    match kind:
        case pl.Decimal():
            return pl.Float64() if kind.scale else pl.Int128()
        case pl.List():
            return pl.List(_number(kind.inner))
        case pl.Struct():
            return pl.Struct({field.name: _number(field.dtype) for field in kind.fields})
        case _:
            return kind


def _json(value: object) -> str:
    plain = value.to_list() if isinstance(value, pl.Series) else value
    return json.dumps(plain, ensure_ascii=False, default=str)


def _cell(value: object, columns: int) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.0f}" if FEW <= abs(value) < MANY else f"{value:.4g}"
        case list() | dict():
            return line(_json(value), columns)
        case _:
            return line(" ".join(str(value).split()), columns)
