"""Texts whose markup is broken."""

from typing import ClassVar, Literal, get_args

import polars as pl
from pydantic import Field

from tgc.detect import markup, tally
from tgc.filters.base import Measuring

Check = Literal["fence", "table", "html", "latex", "token", "json"]

ALL: tuple[Check, ...] = get_args(Check)

SAYS: dict[Check, str] = {
    "fence": "a code fence is not closed",
    "table": "a table has rows of more cells than its header",
    "html": "an HTML tag has no partner",
    "latex": "a delimiter of LaTeX has no partner",
    "token": "a token of a chat template is left",
    "json": "its JSON is cut off or wrong",
}


class Markup(Measuring):
    r"""Reject texts whose markup is broken; the score counts what is.

    Code fences that stay open (CommonMark 4.5); tables with a row wider than the header (GFM 4.10); HTML
    elements that need an end tag and have none; `$$`, `\(`, `\[`, `\begin` and `\left` of LaTeX without a
    partner; what chat templates put around turns, such as `<|im_end|>` or `[INST]`; texts that begin as JSON and
    are none. What stands in code is not looked at.
    """

    thresholds: ClassVar[frozenset[str]] = frozenset({"checks"})
    version: ClassVar[int] = 2

    kind: Literal["markup"] = "markup"
    checks: tuple[Check, ...] = Field(default=ALL, min_length=1, description="What may not be broken.")

    def measure(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """How much of which kind is broken in each text."""
        return nodes.select("node_id").hstack(tally.tally(nodes["text"], markup.KINDS))

    def decide(self, measured: pl.DataFrame) -> pl.DataFrame:
        """Nothing that is checked may be broken."""
        return tally.verdicts(measured, {check: SAYS[check] for check in self.checks})
