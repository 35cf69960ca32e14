"""Texts that abuse."""

from functools import cache
from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from tgc.datafile import DataFile
from tgc.filters.base import Measuring
from tgc.text.folded import fold

ABUSE = (
    "arsehole*",
    "asshole*",
    "bitch",
    "bitches",
    "blowjob*",
    "bullshit*",
    "cocksucker*",
    "cunt*",
    "dickhead*",
    "faggot*",
    "fuck*",
    "gook",
    "gooks",
    "handjob*",
    "kike",
    "kikes",
    "motherfuck*",
    "nigga",
    "niggas",
    "nigger*",
    "raghead*",
    "shit",
    "shithead*",
    "shits",
    "shitty",
    "slut",
    "sluts",
    "spics",
    "towelhead*",
    "trannies",
    "tranny",
    "twat",
    "twats",
    "wanker*",
    "wetback*",
    "whore",
    "whores",
)
"""Insults, obscenities and slurs that mean little else; words of medicine, law or safety are none of them."""


class Toxicity(Measuring):
    """Reject texts that use words of abuse too often; the score is how many there are in 100 words.

    Whole words, in any case: neither Scunthorpe nor cockpits are hit. The built-in list is short, English, and
    of words that mean little else, for longer ones hit medicine and questions about safety. What is said without
    such a word is not seen; a model sees it, as a level that scores, and the filter `score` on it.
    """

    thresholds: ClassVar[frozenset[str]] = frozenset({"max"})
    version: ClassVar[int] = 2

    kind: Literal["toxicity"] = "toxicity"
    words: tuple[DataFile, ...] = Field(
        default=(),
        description="Data files of words or phrases in place of the list; `*` ends one with any ending.",
    )
    max: float = Field(
        default=1.0, strict=True, ge=0, lt=100, description="Most of these words in 100 that are kept."
    )

    def measure(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """How many of 100 words are words of abuse, and the first of them."""
        told = " " + fold(nodes["text"]) + " "
        hits = told.str.extract_many(_bounded(self._sought()), overlapping=True)
        words = told.str.count_matches(" ", literal=True) - 1
        first = hits.list.first().str.strip_chars(" ")
        return nodes.select("node_id", score=100 * hits.list.len() / words, said=first)

    def decide(self, measured: pl.DataFrame) -> pl.DataFrame:
        """Not too many of them."""
        over = pl.col("score") > self.max
        said = pl.format(
            "{} in 100 words, such as `{}`, over {}", pl.col("score").round(2), "said", pl.lit(self.max)
        )
        return measured.select("node_id", kept=~over, reason=pl.when(over).then(said), score="score")

    def _sought(self) -> tuple[str, ...]:
        given = (text for file in self.words for row in file.rows for text in _texts(row))
        return tuple(given) if self.words else ABUSE


def _texts(row: object) -> tuple[str, ...]:
    match row:
        case str():
            return (row,)
        case dict():
            return tuple(value for value in row.values() if isinstance(value, str))
        case _:
            return ()


@cache
def _bounded(phrases: tuple[str, ...]) -> pl.Series:
    """One list of phrases as they stand between spaces in folded texts; one with `*` has none behind it."""
    given = pl.Series(phrases, dtype=pl.String).str.strip_chars()
    bare = given.str.strip_suffix("*")
    ends = given.str.ends_with("*").replace_strict({True: "", False: " "}, return_dtype=pl.String)
    return (" " + fold(bare) + ends).filter(bare != "").unique().sort().implode()
