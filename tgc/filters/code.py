"""Texts with code that does not parse."""

from functools import partial
from typing import Literal, get_args

import polars as pl
from pydantic import Field

from tgc import parallel
from tgc.detect.code import broken
from tgc.filters.base import MEASURES, Measuring

Language = Literal["python", "json", "jsonlines", "yaml", "toml"]


class Code(Measuring):
    """Reject texts with a fenced code block that does not parse in the language it names; the score counts those.

    By Python's own parsers (`ast`, `json`, `tomllib`) and libyaml; nothing is run. Python is of the version that
    tgc runs on. Blocks in other languages, with a prompt such as `>>>`, or of over 20,000 characters are not
    judged; where none is, there is no score.
    """

    kind: Literal["code"] = "code"
    languages: tuple[Language, ...] = Field(
        default=get_args(Language), min_length=1, description="The languages that are judged."
    )

    def measure(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """How many blocks do not parse, and the number and language of the first."""
        fenced = nodes.filter(pl.col("text").str.contains("```"))
        found = parallel.over(partial(broken, languages=frozenset(self.languages)), fenced["text"].to_list())
        rows = [
            (node_id, *one) for node_id, one in zip(fenced["node_id"], found, strict=True) if one is not None
        ]
        judged = pl.DataFrame(rows, schema=MEASURES, orient="row")
        return nodes.select("node_id").join(judged, on="node_id", how="left", maintain_order="left")

    def decide(self, measured: pl.DataFrame) -> pl.DataFrame:
        """Every block that is judged must parse."""
        bad = (pl.col("score") > 0).fill_null(value=False)
        reason = pl.when(bad).then(pl.format("code block {} does not parse", "said"))
        return measured.select("node_id", kept=~bad, reason=reason, score="score")
