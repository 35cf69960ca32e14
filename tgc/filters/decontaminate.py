"""Texts that share a run of words with a benchmark."""

from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from tgc.datafile import DataFile
from tgc.filters.base import MEASURES, Measuring
from tgc.text.folded import plain, runs, spaced

AT_ONCE = 100_000
"""Texts that are cut into words at a time: a million of them would take gigabytes."""

LEAST = 3
"""Fewest words of a text that is looked for as a whole: `Yes` and `New York` answer many questions."""


class Decontaminate(Measuring):
    """Reject texts that share a run of words with a benchmark.

    As for GPT-3 (Brown et al., arXiv 2005.14165, appendix C), words are runs of letters and digits in lower case.
    A text with fewer words than `ngram` is compared as a whole; a benchmark's of one or two is not looked for,
    unless `ngram` is as low. The score is the share of a text's n-grams that stand in a benchmark; one is too
    many, unless `max_share` allows some.
    """

    blended: ClassVar[bool] = True
    thresholds: ClassVar[frozenset[str]] = frozenset({"max_share"})
    version: ClassVar[int] = 2

    kind: Literal["decontaminate"] = "decontaminate"
    against: tuple[DataFile, ...] = Field(
        min_length=1, description="Data files of the benchmarks, beside the recipe or in the project."
    )
    fields: tuple[str, ...] = Field(
        default=(), description="The columns or keys that count; all that hold text if not given."
    )
    ngram: int = Field(default=13, strict=True, ge=1, description="Words per n-gram; 8 for short questions.")
    max_share: float = Field(
        default=0.0,
        strict=True,
        ge=0,
        lt=1,
        description="Most of a text's n-grams that may be a benchmark's.",
    )

    def measure(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """The share of each text's n-grams that a benchmark holds; the first of them, with its file and row."""
        parts = [self._measured(part) for part in nodes.iter_slices(AT_ONCE)]
        return pl.concat([pl.DataFrame(schema=MEASURES), *parts])

    def decide(self, measured: pl.DataFrame) -> pl.DataFrame:
        """Whether as many n-grams may stand in a benchmark."""
        kept = pl.col("score") <= self.max_share
        return measured.select("node_id", kept=kept, reason=pl.when(~kept).then("said"), score="score")

    def _measured(self, nodes: pl.DataFrame) -> pl.DataFrame:
        texts = _bare(nodes["text"])
        grams, index = runs(texts, self.ngram), self._index
        found = grams.join(index, on="gram", maintain_order="left")
        first = found.unique("text", keep="first", maintain_order=True)
        said = pl.format(
            "{} of {}: `{}`",
            pl.when(pl.col("start") < 0).then(pl.lit("the whole")).otherwise(pl.lit(f"{self.ngram}-gram")),
            "place",
            _shown(texts, first, self.ngram),
        )
        counts = grams.group_by("text").len("all").join(found.group_by("text").len("hit"), on="text")
        shares = first.select("text", said=said).join(counts, on="text")
        rows = nodes.select("node_id").with_row_index("text").cast({"text": pl.Int64})
        found = rows.join(shares, on="text", how="left", maintain_order="left")
        return found.select("node_id", score=(pl.col("hit") / pl.col("all")).fill_null(0.0), said="said")

    @cached_property
    def _index(self) -> pl.DataFrame:
        """Where each n-gram of the benchmarks stands first: `gram` and `place`."""
        rows = [
            (f"{file.name}:{number}", text)
            for file in self.against
            for number, row in enumerate(file.rows, start=1)
            for text in texts(row, self.fields)
        ]
        told = pl.DataFrame(rows, schema={"place": pl.String, "text": pl.String}, orient="row")
        told = told.select("place", text=_bare(told["text"])).filter(
            pl.col("text").str.count_matches(r"\S+") >= min(LEAST, self.ngram)
        )
        grams = runs(told["text"], self.ngram).unique("gram", keep="first", maintain_order=True)
        return grams.select("gram", place=told["place"].gather(grams["text"]))


def texts(row: object, fields: tuple[str, ...] = ()) -> Iterator[str]:
    """The texts in a row of a benchmark, however deep; those of some fields, if any are given.

    >>> list(texts({"question": "Why?", "choices": ["A", "B"], "answer": 1}))
    ['Why?', 'A', 'B']
    """
    match row:
        case str():
            yield row
        case dict():
            for name, value in row.items():
                if not fields or name in fields:
                    yield from texts(value)
        case list():
            for item in row:
                yield from texts(item, fields)


def _bare(told: pl.Series) -> pl.Series:
    """Words in lower case, with a space between them and nothing else."""
    return spaced(plain(told).str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " "))


def _shown(bare: pl.Series, first: pl.DataFrame, n: int) -> pl.Series:
    """The words of the grams, as they were compared."""
    cut = bare.gather(first["text"]).str.split(" ")
    start = first["start"].clip(lower_bound=0)
    return (
        pl.DataFrame({"cut": cut, "start": start})
        .select(pl.col("cut").list.slice("start", n).list.join(" "))
        .to_series()
    )
