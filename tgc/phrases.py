"""Phrases looked for in texts: whole words, in any case, with either apostrophe, over line breaks too."""

from collections.abc import Iterable

import polars as pl


def pattern(phrases: Iterable[str]) -> str:
    r"""What finds any of the phrases; a `*` at the end of one stands for any ending of its last word.

    >>> found = pl.Series(["I CAN’T\nhelp", "an aid", "It fulfilled"])
    >>> found.str.extract(pattern(["i can't help", "an ai", "fulfil*"]), 0).to_list()
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
    body = phrase.strip().removesuffix("*")
    words = r"\s+".join(pl.escape_regex(word) for word in body.split()).replace("'", "['’‘]")
    return _edge(body[:1]) + words + (r"\w*" if phrase.endswith("*") else _edge(body[-1:]))


def _edge(letter: str) -> str:
    """Where a word has to begin or end."""
    return r"\b" if letter.isalnum() or letter == "_" else ""
