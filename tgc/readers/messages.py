"""Chat messages, as TRL, Axolotl, ms-swift and OpenAI have them."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from tgc.dialogue import IMAGE, Message
from tgc.readers.base import Picture, Reader, mappings, message, parts


class Messages(Reader):
    """`messages` of `{role, content}`; content is text, or parts of text and images.

    Images of a row without a place are shown at the beginning of the user's first turn, as trainers do.
    """

    keys: ClassVar[frozenset[str]] = frozenset({"messages"})

    format: Literal["messages"] = "messages"

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The turns, parts joined; line breaks set images apart."""
        turns = mappings(row, "messages")
        said = tuple(message(turn.get("role"), parts.text(turn.get("content"))) for turn in turns)
        placed = any(IMAGE in turn.content for turn in said)
        return said if placed else parts.shown(said, len(self.pictures(row)))

    def pictures(self, row: Mapping[str, object]) -> tuple[Picture, ...]:
        """Those of the row, then those that parts name."""
        return (*super().pictures(row), *parts.named(mappings(row, "messages")))
