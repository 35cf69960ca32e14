"""Texts that are not prose, by Gopher's rules."""

from typing import ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from tgc.bounds import fewer, more, over, under, verdicts
from tgc.filters.base import Filter
from tgc.text import prose

BULLET = r"(?:[•‣◦●▪]|[-*+]\s)"
ELLIPSIS = r"\.\.\.|…"


class Gopher(Filter):
    """Reject texts that are not prose: Gopher's quality rules (Rae et al., arXiv 2112.11446, A1.1).

    The rules were made for pages of English. They ask for a paragraph or more: a short answer need not have two
    stop words, and a table or code is not prose. `null` switches a rule off. Words are what stands between white
    space. The score counts the rules that are broken.
    """

    alone: ClassVar[bool] = True

    kind: Literal["gopher"] = "gopher"
    min_words: int | None = Field(default=None, strict=True, ge=1, description="Fewest words; Gopher's: 50.")
    max_words: int | None = Field(
        default=None, strict=True, ge=1, description="Most words; Gopher's: 100_000."
    )
    min_word_length: float | None = Field(
        default=3, strict=True, gt=0, description="Shortest mean length of words, in characters."
    )
    max_word_length: float | None = Field(
        default=10, strict=True, gt=0, description="Longest mean length of words, in characters."
    )
    max_symbols: float | None = Field(
        default=0.1, strict=True, ge=0, description="Most hashes per word, and most ellipses."
    )
    max_bullets: float | None = Field(
        default=0.9, strict=True, ge=0, le=1, description="Largest share of lines that begin with a bullet."
    )
    max_ellipses: float | None = Field(
        default=0.3, strict=True, ge=0, le=1, description="Largest share of lines that end with an ellipsis."
    )
    min_alphabetic: float | None = Field(
        default=0.8, strict=True, ge=0, le=1, description="Smallest share of words with a letter."
    )
    min_stop_words: int | None = Field(
        default=2, strict=True, ge=1, description="Fewest different stop words."
    )
    stop_words: tuple[str, ...] = Field(
        default=("the", "be", "to", "of", "and", "that", "have", "with"),
        min_length=1,
        description="The stop words, in lower case.",
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for low, high, unit in (
            (self.min_words, self.max_words, "words"),
            (self.min_word_length, self.max_word_length, "word_length"),
        ):
            if low is not None and high is not None and low > high:
                raise ValueError(f"`min_{unit}` is above `max_{unit}`")
        return self

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Every rule that a text breaks."""
        figures = _figures(nodes, self.stop_words)
        words, lines = pl.col("words"), pl.col("lines")
        symbols, alphabetic = self.max_symbols, prose.share(pl.col("alphabetic"), words)
        faults = (
            fewer("word", words, self.min_words),
            more("word", words, self.max_words),
            under("mean word length {}", pl.col("length"), self.min_word_length),
            over("mean word length {}", pl.col("length"), self.max_word_length),
            over("{} hashes per word", prose.share(pl.col("hashes"), words), symbols),
            over("{} ellipses per word", prose.share(pl.col("ellipses"), words), symbols),
            over("{} of lines begin with a bullet", prose.share(pl.col("bullets"), lines), self.max_bullets),
            over("{} of lines end with an ellipsis", prose.share(pl.col("open"), lines), self.max_ellipses),
            under("{} of words have a letter", alphabetic, self.min_alphabetic),
            fewer("different stop word", pl.col("stops"), self.min_stop_words),
        )
        return verdicts(figures, faults)


def _figures(nodes: pl.DataFrame, stop_words: tuple[str, ...]) -> pl.DataFrame:
    """What the rules are about, with `node_id`."""
    text, words = pl.col("text"), prose.tokens(pl.col("text"))
    spaces = text.str.count_matches(r"\s")
    return nodes.with_columns(lower=text.str.to_lowercase()).select(
        "node_id",
        words=words,
        length=prose.share(text.str.len_chars() - spaces, words),
        hashes=text.str.count_matches("#", literal=True),
        ellipses=text.str.count_matches(ELLIPSIS),
        lines=prose.lines(text),
        bullets=prose.beginning(text, BULLET),
        open=text.str.count_matches(rf"(?m)(?:{ELLIPSIS})[^\S\n]*$"),
        alphabetic=text.str.count_matches(r"\p{L}\S*"),
        stops=pl.sum_horizontal(_stands(pl.col("lower"), word) for word in stop_words),
    )


def _stands(lower: pl.Expr, word: str) -> pl.Expr:
    return lower.str.contains(rf"\b{pl.escape_regex(word)}\b").cast(pl.UInt32)
