"""Who said what: the messages and conversations that backends continue and formats write."""

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["user", "assistant"]

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a UTF-16 pair, which no UTF-8 file can hold."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str

    @property
    def flaw(self) -> str | None:
        """What makes the text unfit for any file of conversations, if something does."""
        if not self.content.strip():
            return "a turn is blank"
        if SURROGATE.search(self.content):
            return "a text is not valid Unicode"
        return None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A root-to-leaf path of the tree that ends with an assistant's turn; `id` is the leaf's node id."""

    id: str
    messages: tuple[Message, ...]

    @property
    def turns(self) -> tuple[Message, ...]:
        """The messages without the system prompt."""
        return tuple(message for message in self.messages if message.role != "system")
