"""Conversations as ShareGPT has them, which FastChat, Unsloth and many others read."""

from collections.abc import Iterable
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, Format, Rule, rows, rules
from tgc.formats.base.spelling import BARE, Spelling


class ShareGPT(Format):
    """`{"id": …, "conversations": [{"from": …, "value": …}]}`, as an array, or as lines in a `.jsonl` file.

    A turn has these two keys and no more: Unsloth refuses others.
    """

    asks: ClassVar[tuple[Rule, ...]] = (*rules.DIALOGUE, *rules.SOUND, *rules.TEXT)
    """Rows whose turns do not alternate, with nothing where a text should be, or with images."""

    spelling: ClassVar[Spelling] = Spelling((BARE,))
    """A turn has two keys, whoever reads it."""

    format: Literal["sharegpt"] = "sharegpt"
    path: str = Field(default="sharegpt.json", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The array or the lines, streaming; a system prompt is the first turn."""
        made = ({"id": row.id, "conversations": rows.told(row.messages)} for row in conversations)
        rows.writer(self.path)(made, out)
