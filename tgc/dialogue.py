"""Who said what: the messages and conversations that backends continue and formats write."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Role = Literal["user", "assistant"]

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a UTF-16 pair, which no UTF-8 file can hold."""

IMAGE = "<image>"
"""Where an image stands in a text."""


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
    """A root-to-leaf path of the tree that ends with an assistant's turn, or a row of a file that is blended in.

    Attributes:
        id: the leaf's node id, or what the row is called in its file.
        images: by path, in the order in which the texts say `<image>`.
        source: the recipe's name, or that of the file.
        extras: what else the row has in its file, by key.
        folder: where the paths of images begin; empty where nobody says.
        held: the images that a row itself has, by path, until they are kept elsewhere.
        rejected: the answer to which the last one is preferred; None where there is none.
    """

    id: str
    messages: tuple[Message, ...]
    images: tuple[str, ...] = ()
    source: str = ""
    extras: Mapping[str, object] = field(default_factory=dict)
    folder: str = ""
    rejected: str | None = None
    held: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def turns(self) -> tuple[Message, ...]:
        """The messages without the system prompt."""
        return tuple([message for message in self.messages if message.role != "system"])

    @property
    def said(self) -> tuple[Message, ...]:
        """The messages, and last the answer that is rejected, if one is."""
        if self.rejected is None:
            return self.messages
        return (*self.messages, Message("assistant", self.rejected))

    @property
    def texts(self) -> list[str]:
        """What is said, message by message."""
        return [message.content for message in self.said]

    @property
    def plain(self) -> "Conversation":
        """The same without an answer that is rejected."""
        return self if self.rejected is None else replace(self, rejected=None)

    @property
    def shown(self) -> tuple[Message, ...]:
        """The message in which each `<image>` stands, in order.

        >>> [message.role for message in Conversation("1", (Message("user", "<image><image> So?"),)).shown]
        ['user', 'user']
        """
        seen = [message for message in self.said if IMAGE in message.content]
        return tuple([message for message in seen for _ in range(message.content.count(IMAGE))])
