"""Chat messages as JSON lines, which TRL, Axolotl, ms-swift and `datasets` read."""

import json
import re
from collections.abc import Iterable
from typing import BinaryIO, Literal

from tgc.dialogue import IMAGE, Conversation, Message
from tgc.formats.base import Format

IMAGES = re.compile(rf"{IMAGE}\n?|\n{IMAGE}$")
"""What shows an image in a text, with the line break that sets it apart."""


class Messages(Format):
    """One `{"id": …, "messages": [{"role": …, "content": …}]}` per line.

    Where rows have images, each has `images` too, `null` on rows of text: no text says where, for TRL and Axolotl
    put them into the user's first turn.
    """

    format: Literal["messages"] = "messages"

    def refuse(self, conversation: Conversation) -> str | None:
        """Rows without an answer, or with nothing where a text should be, or images after the first turn."""
        messages = conversation.messages
        if not messages or messages[-1].role != "assistant":
            return "messages: no answer at the end"
        flaw = next((flaw for message in messages if (flaw := _bare(message).flaw)), None)
        flaw = flaw or _misplaced(conversation)
        return flaw and f"messages: {flaw}"

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines, streaming."""
        pictured = False
        for conversation in conversations:
            pictured = pictured or bool(conversation.images)
            row = _row(conversation) | ({"images": list(conversation.images) or None} if pictured else {})
            out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")


def _row(conversation: Conversation) -> dict[str, object]:
    said = map(_bare, conversation.messages) if conversation.images else conversation.messages
    messages = [{"role": message.role, "content": message.content} for message in said]
    return {"id": conversation.id, "messages": messages}


def _bare(message: Message) -> Message:
    """A message without its `<image>`s and the line breaks that set them apart."""
    return Message(message.role, IMAGES.sub("", message.content))


def _misplaced(conversation: Conversation) -> str | None:
    images, shown = len(conversation.images), conversation.shown
    first = next((turn for turn in conversation.turns if turn.role == "user"), None)
    if not images:
        return f"a text holds `{IMAGE}`" if shown else None
    if len(shown) != images:
        return f"images and `{IMAGE}` differ in number"
    return None if all(turn is first for turn in shown) else f"`{IMAGE}` is not in the user's first turn"
