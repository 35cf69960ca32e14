"""Chat messages for verl's supervised finetuning."""

from collections.abc import Iterable
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, Format, rows, rules


class Verl(Format):
    """Parquet with `id` and `messages`, and `images` if a row has any, empty on rows of text."""

    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)

    format: Literal["verl"] = "verl"
    path: str = Field(default="verl.parquet", description=PATH)

    def flaw(self, conversation: Conversation) -> str | None:
        """Rows that no chat template renders, or whose images have no place."""
        messages = conversation.messages
        return rules.uneven(messages) or rules.unfit(messages) or rules.misplaced(conversation)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The Parquet file."""
        rows.parquet(((row.id, rows.said(row.messages), row.images) for row in conversations), out)
