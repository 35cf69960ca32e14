"""A data set as Hugging Face has them: Parquet, and a card that says what it is."""

from collections.abc import Iterable, Mapping
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, About, Format, card, rows, rules


class HuggingFace(Format):
    """Parquet with `id` and `messages`, and its card, `README.md`: the folder is a data set for `datasets`."""

    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    companions: ClassVar[tuple[str, ...]] = ("README.md",)

    format: Literal["hf"] = "hf"
    path: str = Field(default="hf/data.parquet", description=PATH)
    license: str | None = Field(default=None, description="What the card names, such as `cc-by-4.0`.")

    def flaw(self, conversation: Conversation) -> str | None:
        """Rows that are no dialogue, or have images after the first turn."""
        messages = rows.bare(conversation.messages)
        return rules.unanswered(messages) or rules.unfit(messages) or rules.late(conversation)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The Parquet file."""
        told = ((row.id, rows.said(rows.bare(row.messages)), row.images) for row in conversations)
        rows.parquet(told, out)

    def beside(self, about: About) -> Mapping[str, str]:
        """The card: what `datasets` loads, how many rows there are, and what they were made of."""
        files = {split: self.file(split).name for split in about.rows}
        return {"README.md": card.card(about, files, self.license)}
