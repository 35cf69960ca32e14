"""What prose is measured by: words, sentences, lines, as expressions over texts."""

import polars as pl

from tgc.text.folded import UNSPACED

_LETTER = UNSPACED.strip("()[]")

WORD = rf"[{_LETTER}]|[\p{{L}}\p{{N}}][^\s{_LETTER}]*"
"""A word has a letter or a digit; letters of scripts without spaces are words each."""

ENDING = r"""[\p{Sentence_Terminal}…"'”’»」』]"""
"""What ends a line of prose: a full stop of any script, or a quotation."""

SENTENCE = r"""\p{Sentence_Terminal}+["'”’»」』)\]]*(?:\s|$)|[。！？]"""
"""Where a sentence ends."""


def words(text: pl.Expr) -> pl.Expr:
    """How many words there are.

    >>> pl.select(words(pl.lit("It's 4 o'clock - 猫だ。"))).item()
    5
    """
    return text.str.count_matches(WORD)


def tokens(text: pl.Expr) -> pl.Expr:
    """How many runs of anything but white space there are."""
    return text.str.count_matches(r"\S+")


def lines(text: pl.Expr) -> pl.Expr:
    r"""How many lines there are that are not blank.

    >>> pl.select(lines(pl.lit("a b\n \nc"))).item()
    2
    """
    return beginning(text, r"\S")


def beginning(text: pl.Expr, pattern: str) -> pl.Expr:
    r"""How many lines begin with a pattern, behind white space.

    >>> pl.select(beginning(pl.lit("- a\n  - b\nc"), "-")).item()
    2
    """
    # A pattern that begins with a plain character is found several times as fast as one with `(?m)^`.
    return (pl.lit("\n") + text).str.count_matches(rf"(?m)\n\s*{pattern}")


def sentences(text: pl.Expr) -> pl.Expr:
    """How many sentences end.

    >>> pl.select(sentences(pl.lit('He said: "Wait!" It was 3.14. Why'))).item()
    2
    """
    return text.str.count_matches(SENTENCE)


def share(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """A part of a whole, as a number from 0 on; nothing of nothing is 0."""
    return part / pl.max_horizontal(whole, pl.lit(1, dtype=pl.UInt32))
