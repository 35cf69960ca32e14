"""A data set as Hugging Face has them: Parquet, and a card that says what it is."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from tgc.formats.base import PATH, About, Rule, card, rules
from tgc.formats.base.pictured import Pictured
from tgc.formats.base.spelling import PARTS, Spelling


class HuggingFace(Pictured):
    """Parquet with `id`, `messages` and `images`, and its card, `README.md`: a data set for `datasets`."""

    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    companions: ClassVar[tuple[str, ...]] = ("README.md",)

    asks: ClassVar[tuple[Rule, ...]] = (rules.ANSWERED, rules.BARE, rules.UNICODE, *rules.FIRST)
    """Rows that are no dialogue, or have images after the first turn."""

    spelling: ClassVar[Spelling] = Spelling(
        (PARTS,), ("images",), blanks=frozenset({"no key", "null", "[]"}), placed=False, inline=False
    )
    """`images` is a list, for a single image may not be null."""

    format: Literal["hf"] = "hf"
    path: str = Field(default="hf/data.parquet", description=PATH)
    license: str | None = Field(default=None, description="What the card names, such as `cc-by-4.0`.")

    def beside(self, about: About) -> Mapping[str, str]:
        """The card: what `datasets` loads, how many rows there are, and what they were made of."""
        files = {split: self.file(split).name for split in about.rows}
        return {"README.md": card.card(about, files, self.license)}
