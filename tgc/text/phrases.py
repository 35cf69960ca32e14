"""Phrases looked for in texts: whole words, in any case, with either apostrophe, over line breaks too."""

from collections.abc import Iterable
from typing import Annotated

import polars as pl
from pydantic import AfterValidator


def _sought(phrase: str) -> str:
    if not phrase.strip("* \t\r\n"):
        raise ValueError(f"`{phrase}` would be found in every text")
    return phrase


Phrase = Annotated[str, AfterValidator(_sought)]
"""A phrase as it is given: something besides white space and `*`."""


def pattern(phrases: Iterable[str]) -> str:
    r"""What finds any of the phrases; a `*` before or behind one stands for any beginning or ending of a word.

    >>> found = pl.Series(["I CAN’T\nhelp", "an aid", "It fulfilled"])
    >>> found.str.extract(pattern(["i can't help", "an ai", "*fulfil*"]), 0).to_list()
    ['I CAN’T\nhelp', None, 'fulfilled']
    """
    return "(?i)(?:" + "|".join(sorted({_one(phrase) for phrase in phrases})) + ")"


def verdicts(nodes: pl.DataFrame, text: pl.Expr, phrases: Iterable[str]) -> pl.DataFrame:
    """Verdicts on nodes by phrases in what `text` gives of them: the first is told, and the score counts all.

    >>> nodes = pl.DataFrame({"node_id": [1, 2], "text": ["So do  I. So do I.", "Me too."]})
    >>> verdicts(nodes, pl.col("text"), ["do i"]).rows()
    [(1, False, 'says `do I`', 2.0), (2, True, None, 0.0)]
    """
    sought = pattern(phrases)
    first = text.str.extract(sought, 0).str.replace_all(r"\s+", " ")
    said = pl.when(first.is_not_null()).then(pl.format("says `{}`", first))
    score = text.str.count_matches(sought).cast(pl.Float64)
    return nodes.select("node_id", kept=first.is_null(), reason=said, score=score)


def _one(phrase: str) -> str:
    said = phrase.strip()
    words = r"\s+".join(pl.escape_regex(word) for word in said.strip("*").split()).replace("'", "['’‘]")
    return _edge(said[:1]) + words + _edge(said[-1:])


def _edge(letter: str) -> str:
    """What stands where a phrase begins or ends: any part of a word, or none."""
    if letter == "*":
        return r"\w*"
    return r"\b" if letter.isalnum() or letter == "_" else ""
