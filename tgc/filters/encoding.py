"""Texts that were damaged on their way through encodings."""

from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from tgc.bounds import NOTHING, counted, verdicts
from tgc.filters.base import Filter

UPPER = "€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ¡¢£¤¥¦§¨©ª¬\xad®¯°±²³´µ¶·¸¹º¼½¾¿"
"""Bytes 0x80 to 0xBF in Windows-1252, without signs that may follow a capital letter."""

QUOTES = "‘’“”–—…«»\xa0"
"""The others of them."""

CYRILLIC = "ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐЁЄЇІіґёєјЅѕї‚„†‡€‰‹•™›№°±µ¶·¤¦§©¬\xad®"
"""The same bytes in Windows-1251, which has the others in common."""

MISREAD = "|".join(
    (
        rf"[ÂÃÄÅ][{UPPER}]",  # Latin letters beyond ASCII
        rf"[a-z][ÃÄÅ][{QUOTES}]",
        r"(?:^|[^«\xa0])Â[\xa0«»]",  # spaces, quotes
        r"â(?:€|„¢|‚¬|ˆ|†|œ|˜|š|™|Œ)",  # punctuation, arrows, signs
        r"ðŸ|ï»¿|ï¸|ï¿½",  # emoji, byte order mark, U+FFFD
        rf"(?:[ÎÏÐÑØÙ][{UPPER}{QUOTES}]){{2,}}",  # Greek, Cyrillic, Arabic
        rf"(?:[ãäåæçèé][{UPPER}{QUOTES}]{{2}}){{2,}}",  # Chinese, Japanese, Korean
        rf"(?:[РС][{CYRILLIC}{QUOTES}]){{3,}}|вЂ|в‚¬|[A-Za-z][ВГЕ][{CYRILLIC}]",  # read as Windows-1251
        r"‚Ä[ìîïòôúùû¢¶]|‚Ç¨|[A-Za-z]√[©®™º°†‡∂∏∫≠≤≥±¥ÆØß´•¶§àâáäéü]",  # read as MacRoman
    )
)
"""UTF-8 that was read as another encoding (mojibake)."""

DAMAGE = {
    r"\x{FFFD}": ("character", " lost (U+FFFD)"),
    MISREAD: ("place", " where UTF-8 was misread"),
    r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]": ("control character", ""),
    r"[\p{Co}\x{FDD0}-\x{FDEF}\x{FFFE}\x{FFFF}]": ("character", " for private use, or of none"),
}


class Encoding(Filter):
    """Reject texts that were damaged on their way through encodings.

    Looked for are characters that were lost (U+FFFD), UTF-8 that was read as Windows-1252, Windows-1251 or
    MacRoman (`cafÃ©`, `donâ€™t`, `РџСЂРёРІРµС‚`), control characters, characters for private use, and, as in C4
    (Raffel et al., arXiv 1910.10683), runs of data without a space. Halves of characters (lone surrogates) never
    reach a filter, for texts are UTF-8. The score counts the kinds of damage.
    """

    alone: ClassVar[bool] = True

    kind: Literal["encoding"] = "encoding"
    max_run: int | None = Field(
        default=1000,
        strict=True,
        ge=1,
        le=10_000,
        description="Longest run of ASCII characters without a space; `null` for any.",
    )

    def judge(self, nodes: pl.DataFrame) -> pl.DataFrame:
        """Every kind of damage, with how often it stands in the text."""
        text = pl.col("text")
        counts = {pattern: text.str.count_matches(pattern) for pattern in DAMAGE}
        found = nodes.select("node_id", self._long(text).alias("long"), **counts)
        faults = [
            pl.when(pl.col(pattern) > 0).then(counted(pl.col(pattern), *said))
            for pattern, said in DAMAGE.items()
        ]
        return verdicts(found, [*faults, pl.col("long")])

    def _long(self, text: pl.Expr) -> pl.Expr:
        if self.max_run is None:
            return NOTHING
        run = text.str.extract(f"[!-~]{{{self.max_run + 1},}}", 0).str.len_bytes()
        said = counted(run, "character", f" without a space, over {self.max_run}")
        return pl.when(run.is_not_null()).then(said)
