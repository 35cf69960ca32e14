"""In what language texts are, where that can be told. Pure."""

import polars as pl

from tgc import parallel
from tgc.detect import languages
from tgc.text.letters import letters

MIN_LETTERS = 20
"""Letters of the shortest text whose language is told, as for the filter `language`."""

LIKELY = 0.65
"""The least probability of a language that is told: what FineWeb asks of English (arXiv 2406.17557)."""


def tongues(texts: pl.Series) -> pl.Series:
    """The code of each text's language; null where it is too short to tell, or like several."""
    lines = texts.to_frame("text").select(line=letters(pl.col("text")))["line"].fill_null("")
    judged = lines.str.count_matches(r"\p{L}") >= MIN_LETTERS
    said = pl.Series(parallel.over(languages.spoken, lines.filter(judged).to_list()), dtype=pl.String)
    likely = said.str.extract(r" ([0-9.]+)").cast(pl.Float64) >= LIKELY
    told = pl.select(pl.when(likely).then(said.str.extract(r"^(\w+)"))).to_series()
    return pl.Series([None], dtype=pl.String).new_from_index(0, len(texts)).scatter(judged.arg_true(), told)
