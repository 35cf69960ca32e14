"""Texts of which an expression of the user's does not hold."""

from typing import ClassVar, Literal, Self

import polars as pl
from pydantic import Field, field_validator, model_validator

from tgc import expressions
from tgc.errors import TgcError
from tgc.filters.base import SEEN, Filter

BESIDE = {"asked": pl.String, "role": pl.String, "value": pl.String, "ordinal": pl.Int64}


class Expression(Filter):
    """Reject texts of which an expression is not true, or is a number out of bounds; that is the score.

    It may name `text`, `tokens`, `finish_reason`, `mean_logprob`, `role`, `ordinal`, `value` (the JSON of a node
    with fields), `asked` (the turn before), and any level above by its name, which is the text of that node.
    Where it gives null, the text is rejected.
    """

    alone: ClassVar[bool] = True

    kind: Literal["expression"] = "expression"
    sql: str | None = Field(
        default=None, strict=True, description="In SQL: `length(text) > 2 * length(question)`."
    )
    polars: str | None = Field(
        default=None, strict=True, description='In Python: `col("text").str.len_chars() > 80`.'
    )
    min: float | None = Field(default=None, strict=True, description="Lowest number that is kept.")
    max: float | None = Field(default=None, strict=True, description="Highest number that is kept.")

    @field_validator("sql")
    @classmethod
    def _is_sql(cls, text: str | None) -> str | None:
        return text if text is None else _tried(text, expressions.sql(text))

    @field_validator("polars")
    @classmethod
    def _is_polars(cls, text: str | None) -> str | None:
        return text if text is None else _tried(text, expressions.python(text))

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.sql is None) == (self.polars is None):
            raise ValueError("`expression` needs one of `sql` and `polars`")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("`min` is above `max`")
        unbounded = self.min is None and self.max is None
        if _kind(self._expression).is_numeric() == unbounded:
            raise ValueError(
                "it gives a number, which needs `min` or `max`"
                if unbounded
                else "`min` and `max` bound numbers, and it gives a truth"
            )
        return self

    @property
    def needs(self) -> frozenset[str]:
        """What the expression names."""
        return expressions.columns(self._expression) - SEEN.keys()

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """What the expression gives, and whether that is true or within bounds.

        Raises:
            TgcError: it cannot be worked out for a node, such as where a text is cast that is no number.
        """
        judged = self._found(nodes)
        truth = judged.schema["found"] == pl.Boolean
        judged = judged.with_columns(score=pl.col("found").cast(pl.Float64, strict=False))
        kept = self._kept(pl.col("score"))
        return judged.select(
            "node_id", kept=kept, reason=pl.when(~kept).then(self._reason(truth)), score="score"
        )

    def _found(self, nodes: pl.DataFrame) -> pl.DataFrame:
        try:
            return nodes.select("node_id", found=self._expression)
        except pl.exceptions.PolarsError as error:
            message = f"`{self.sql or self.polars}` fails on a node: {str(error).splitlines()[0]}"
            raise TgcError(message, "`try_cast` and `cast(…, strict=False)` give null instead") from error

    def _kept(self, score: pl.Expr) -> pl.Expr:
        low = 1.0 if self.min is None and self.max is None else self.min
        inside = score.is_not_null() & ~score.is_nan()
        inside = inside if low is None else inside & (score >= low)
        inside = inside if self.max is None else inside & (score <= self.max)
        return inside.fill_null(value=False)

    def _reason(self, truth: bool) -> pl.Expr:
        said = f"`{self.sql or self.polars}`"
        if truth:
            return pl.lit(f"{said} is not true")
        bounds = [
            f"{word} {bound:g}"
            for word, bound in (("under", self.min), ("over", self.max))
            if bound is not None
        ]
        figure = (
            pl.when(pl.col("score").is_null())
            .then(pl.lit("null"))
            .otherwise(pl.col("score").round(3).cast(pl.String))
        )
        return pl.concat_str(pl.lit(f"{said} is "), figure, pl.lit(f", {' or '.join(bounds)}"))

    @property
    def _expression(self) -> pl.Expr:
        return expressions.sql(self.sql) if self.sql is not None else expressions.python(self.polars or "")


def _tried(text: str, expression: pl.Expr) -> str:
    if unknown := expressions.columns(expression) & {"scores", "group", "node_id"}:
        raise ValueError(f"an expression cannot read `{min(unknown)}`")
    if not ((kind := _kind(expression)).is_numeric() or kind == pl.Boolean):
        raise ValueError(f"it gives neither a truth nor a number but {kind}")
    return text


def _kind(expression: pl.Expr) -> pl.DataType:
    """The type of what it gives; a level above is a text."""
    known = SEEN | BESIDE
    names = sorted(expressions.columns(expression))
    return expressions.kind(expression, {name: known.get(name, pl.String) for name in names})
