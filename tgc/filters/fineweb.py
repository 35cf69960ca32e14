"""Pages that are lists or menus, by FineWeb's rules."""

from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from tgc.bounds import over, under, verdicts
from tgc.filters.base import Filter
from tgc.text import prose, recurrence


class FineWeb(Filter):
    """Reject pages that are lists, menus or boilerplate: FineWeb's own rules (Penedo et al., arXiv 2406.17557).

    The limits are those of its code (datatrove 0.10); for characters in repeated lines the paper says 0.1. The
    rules are for long texts like those of the web; answers with lists, tables or code break them. `null` switches
    a rule off. Lines that are blank do not count, and a line may end with a quotation. The score counts the rules
    that are broken.
    """

    alone: ClassVar[bool] = True

    kind: Literal["fineweb"] = "fineweb"
    min_ended: float | None = Field(
        default=0.12, strict=True, ge=0, le=1, description="Smallest share of lines that end a sentence."
    )
    max_short: float | None = Field(
        default=0.67, strict=True, ge=0, le=1, description="Largest share of lines of 30 characters or fewer."
    )
    max_repeated: float | None = Field(
        default=0.01,
        strict=True,
        ge=0,
        le=1,
        description="Largest share of characters in lines that occurred before.",
    )
    max_breaks: float | None = Field(default=0.3, strict=True, ge=0, description="Most line breaks per word.")

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Every rule that a text breaks."""
        figures = _figures(nodes)
        faults = (
            under("{} of lines end a sentence", pl.col("ended"), self.min_ended),
            over("{} of lines have 30 characters or fewer", pl.col("short"), self.max_short),
            over("{} of the text are repeated lines", pl.col("repeated"), self.max_repeated),
            over("{} line breaks per word", pl.col("breaks"), self.max_breaks),
        )
        return verdicts(figures, faults)


def _figures(nodes: pl.DataFrame) -> pl.DataFrame:
    """What the rules are about, with `node_id`."""
    text = pl.col("text").str.replace_all("\r\n", "\n", literal=True)
    lines = prose.lines(text)
    _, repeated = recurrence.pieces(nodes["text"], "\n")
    return nodes.select(
        "node_id",
        ended=prose.share(text.str.count_matches(rf"(?m){prose.ENDING}[^\S\n]*$"), lines),
        short=prose.share(prose.beginning(text, r"\S[^\n]{0,29}$"), lines),
        repeated=pl.Series(repeated),
        breaks=prose.share(text.str.count_matches("\n", literal=True), prose.words(text)),
    )
