"""Texts that repeat themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from tgc.filters.base import MEASURES, Measuring
from tgc.text import recurrence
from tgc.text.folded import Words, fold, words
from tgc.text.recurrence import Amounts

MOST_FREQUENT = {2: 0.20, 3: 0.18, 4: 0.16}
"""Most of a text's characters that its most frequent n-gram may make up."""

REPEATED = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
"""Most of a text's characters that n-grams which occurred before may make up."""

PIECES = {"pieces": 0.30, "chars": 0.20}
"""Most of a text's lines or paragraphs that may have occurred before in it, and of its characters."""

SHORT = {2: 0.5}
"""The same, for the texts too short for Gopher's limits."""

AT_ONCE = 10_000
"""Texts that are cut into words at a time."""

NEAR = 0.5
"""From this score on it is said what recurs; no `tolerance` is lower."""

UNITS = {"lines": "\n", "paragraphs": "\n\n"}


GOPHER = "where Gopher allows"


@dataclass(frozen=True, slots=True, eq=False)
class _Rule:
    """What each text has of something, as a share, and how much is allowed; `said` ends before that."""

    said: str
    limit: float
    share: Amounts
    holds: NDArray[np.bool_]


class Repetition(Measuring):
    """Reject texts that loop: Gopher's repetition rules (Rae et al., arXiv 2112.11446, A1.1 and table A1).

    They look at the most frequent n-grams of words, at n-grams that occurred before, and at lines and paragraphs
    that did. Gopher judged documents of 50 words and more. In a shorter text two facts put alike already exceed
    its limits, so there only pairs of words that recur are counted, against half of the text. The score is the
    largest share relative to its limit: above `tolerance` is rejected.
    """

    thresholds: ClassVar[frozenset[str]] = frozenset({"tolerance"})
    version: ClassVar[int] = 3

    kind: Literal["repetition"] = "repetition"
    min_words: int = Field(
        default=50, strict=True, ge=0, description="Gopher's limits hold from this many words on."
    )
    units: tuple[Literal["words", "lines", "paragraphs"], ...] = Field(
        default=("words", "lines", "paragraphs"),
        min_length=1,
        description="What is looked at; without `lines` where texts hold code.",
    )
    tolerance: float = Field(
        default=1, strict=True, ge=NEAR, description="How many times Gopher's limits are allowed."
    )

    def measure(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """The rule whose limit is exceeded most, or nearly."""
        parts = [self._measured(part) for part in nodes.iter_slices(AT_ONCE)]
        return pl.concat([pl.DataFrame(schema=MEASURES), *parts])

    def decide(self, measured: pl.DataFrame) -> pl.DataFrame:
        """More than what is tolerated."""
        rejected = pl.col("score") > self.tolerance
        return measured.select(
            "node_id", kept=~rejected, reason=pl.when(rejected).then("said"), score="score"
        )

    def _measured(self, nodes: pl.DataFrame) -> pl.DataFrame:
        cut = words(fold(nodes["text"]))
        long = np.bincount(cut.texts, minlength=nodes.height) >= self.min_words
        rules = [*self._of_words(cut, long), *self._of_pieces(nodes["text"], long)]
        ratios = np.stack([np.where(rule.holds, rule.share / rule.limit, 0) for rule in rules])
        worst, texts = ratios.argmax(axis=0), np.arange(nodes.height)
        shares = np.stack([rule.share for rule in rules])[worst, texts]
        measured = nodes.select("node_id", score=pl.Series(ratios[worst, texts]), share=pl.Series(shares))
        return measured.select("node_id", "score", said=_said(rules, worst))

    def _of_words(self, cut: Words, long: NDArray[np.bool_]) -> Iterator[_Rule]:
        if "words" not in self.units:
            return
        chars = np.maximum(np.bincount(cut.texts, weights=cut.lengths, minlength=len(long)), 1)
        for grams in recurrence.recurring(cut, max(REPEATED)):
            said = f"repeated {grams.n}-grams make up {{}} of the text, {GOPHER}"
            if limit := MOST_FREQUENT.get(grams.n):
                most = np.minimum(recurrence.most_frequent(grams, len(long)) / chars, 1)
                top = f"its most frequent {grams.n}-gram makes up {{}} of the text, {GOPHER}"
                yield _Rule(top, limit, most, long)
            if limit := REPEATED.get(grams.n):
                yield _Rule(said, limit, recurrence.repeated(grams, len(long)) / chars, long)
            if limit := SHORT.get(grams.n):
                short = f"repeated {grams.n}-grams make up {{}} of a short text, over"
                yield _Rule(short, limit, recurrence.repeated(grams, len(long)) / chars, ~long)

    def _of_pieces(self, texts: pl.Series, long: NDArray[np.bool_]) -> Iterator[_Rule]:
        for unit, separator in UNITS.items():
            if unit in self.units:
                pieces, chars = recurrence.pieces(texts, separator)
                yield _Rule(
                    f"repeated {unit} are {{}} of all {unit}, {GOPHER}", PIECES["pieces"], pieces, long
                )
                yield _Rule(
                    f"repeated {unit} make up {{}} of the text, {GOPHER}", PIECES["chars"], chars, long
                )


def _said(rules: list[_Rule], worst: NDArray[np.int64]) -> pl.Expr:
    """What the worst rule of each text says, where it comes near its limit."""
    before, after = (
        pl.Series([rule.said.split("{}")[part] for rule in rules]).gather(worst) for part in (0, 1)
    )
    limit = pl.Series([rule.limit for rule in rules]).gather(worst)
    said = pl.format("{}{}{} {}", before, pl.col("share").round(3), after, limit)
    return pl.when(pl.col("score") >= NEAR).then(said)
