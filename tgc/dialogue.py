"""Who said what: the messages and conversations that backends continue and formats write."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A root-to-leaf path of the tree that ends with an assistant's turn; `id` is the leaf's node id."""

    id: str
    messages: tuple[Message, ...]

    @property
    def turns(self) -> tuple[Message, ...]:
        """The messages without the system prompt."""
        return tuple(message for message in self.messages if message.role != "system")
