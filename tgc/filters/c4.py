"""Pages of which C4 would keep little."""

from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from tgc.bounds import fewer, over, verdicts
from tgc.filters.base import Filter
from tgc.text import prose

CITATION = r"\[(?:\d*|edit|citation needed)\]"
ENDED = rf"""[\p{{Sentence_Terminal}}"”](?:{CITATION})*$"""
OPEN = rf"\.\.\.(?:{CITATION})*$"
UNWANTED = "(?i)javascript|terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"
WORDS = 5
"""Fewest words of a line that C4 keeps."""


class C4(Filter):
    """Reject pages of which C4 would keep little (Raffel et al., arXiv 1910.10683, section 2.2).

    C4 drops lines that do not end in a terminal punctuation mark, have fewer than 5 words, name Javascript, or
    speak of cookies and policies. Texts are judged here, not rewritten: by the share of their characters in such
    lines, and by the sentences in the others. How large that share may be is not C4's. The rules are for long
    texts like those of the web; answers with lists, tables or code break them. `null` switches a rule off. The
    score counts the rules that are broken.
    """

    alone: ClassVar[bool] = True

    kind: Literal["c4"] = "c4"
    max_dropped: float | None = Field(
        default=0.5,
        strict=True,
        ge=0,
        le=1,
        description="Largest share of characters in lines that C4 drops.",
    )
    min_sentences: int | None = Field(
        default=3, strict=True, ge=1, description="Fewest sentences in lines that C4 keeps."
    )
    curly_brackets: bool = Field(
        default=True, strict=True, description="Whether curly brackets may stand in a text; C4 has none."
    )

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Every rule that a text breaks."""
        rows = nodes.select("node_id", "text").with_row_index("row")
        figures = rows.join(_kept(nodes["text"]), on="row", how="left", maintain_order="left")
        text = pl.col("text")
        braces = pl.lit(value=False) if self.curly_brackets else text.str.contains("{", literal=True)
        faults = (
            pl.when(text.str.contains(r"(?i)lorem ipsum")).then(pl.lit("says `lorem ipsum`")),
            pl.when(braces).then(pl.lit("has a curly bracket")),
            over("{} of the text in lines that C4 drops", pl.col("dropped"), self.max_dropped),
            fewer("sentence", pl.col("sentences"), self.min_sentences, " in lines that C4 keeps"),
        )
        return verdicts(figures, faults)


def _kept(texts: pl.Series) -> pl.DataFrame:
    """Of each text (`row`) the share of characters in lines that C4 drops, and the sentences in the others."""
    split = texts.str.split("\n").rename("line")
    lines = pl.DataFrame(split).with_row_index("row").explode("line", empty_as_null=True)
    line = pl.col("line").str.strip_chars()
    ended = line.str.contains(ENDED) & ~line.str.contains(OPEN)
    kept = ended & (prose.tokens(line) >= WORDS) & ~line.str.contains(UNWANTED)
    told = lines.select("row", chars=line.str.len_chars(), kept=kept, sentences=prose.sentences(line))
    return told.group_by("row").agg(
        dropped=prose.share(pl.col("chars").filter(~pl.col("kept")).sum(), pl.col("chars").sum()),
        sentences=pl.col("sentences").filter("kept").sum(),
    )
