"""The rows of LLaVA-NeXT."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from tgc.dialogue import Message
from tgc.readers.base import Reader, mappings, message


class LlavaNext(Reader):
    """As `llava`, with several images in `image`; turns may also be of `{role, content}`."""

    keys: ClassVar[frozenset[str]] = frozenset({"conversations"})

    format: Literal["llava_next"] = "llava_next"

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The turns, by either pair of keys."""
        return tuple(
            message(turn.get("from", turn.get("role")), turn.get("value", turn.get("content")))
            for turn in mappings(row, "conversations")
        )
