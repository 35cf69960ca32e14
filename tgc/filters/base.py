"""What every filter is: options from YAML, and a verdict for each node of one level."""

from typing import ClassVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from tgc.dialogue import Role

VERDICT = {"node_id": pl.UInt64, "kept": pl.Boolean, "reason": pl.String, "score": pl.Float64}


class Filter(BaseModel):
    """Base of every filter plug-in; its `kind` is its name, its other fields are its YAML options."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: ClassVar[tuple[Role, ...]] = ("user", "assistant")
    """Whose turns are judged when the recipe names no level."""

    by_score: ClassVar[bool] = False
    """Whether `level` names a level that scores, and the level above it is judged."""

    alone: ClassVar[bool] = False
    """Whether each node is judged by itself, whatever the others are."""

    blended: ClassVar[bool] = False
    """Whether it judges rows that are blended in too, turn by turn, when the recipe names no level."""

    kind: str
    level: str | None = Field(
        default=None, description="The level to judge; all levels with a turn if not given."
    )
    early: bool = Field(
        default=False,
        strict=True,
        description="Whether a rejected node gets no children; for filters that judge nodes alone.",
    )

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Verdicts with the columns of `VERDICT`, one row per row of `nodes`, which are of one level.

        `nodes` has node_id (UInt64), text (String), tokens (Int64: generated tokens), finish_reason (String)
        and mean_logprob (Float64), in ascending node_id; a filter by score also has the answers of the level that
        scores, `scores` (List(String)). `reason` is null where `kept`; `score` is what the
        threshold was compared with, so that a change of threshold can be foreseen in SQL.
        """
        raise NotImplementedError
