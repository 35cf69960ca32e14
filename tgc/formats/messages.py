"""Chat messages as JSON lines, which TRL, Axolotl, ms-swift and `datasets` read."""

import json
from collections.abc import Iterable
from typing import BinaryIO, Literal

from tgc.dialogue import Conversation
from tgc.formats.base import Format


class Messages(Format):
    """One `{"id": …, "messages": [{"role": …, "content": …}]}` per line."""

    format: Literal["messages"] = "messages"

    def refuse(self, conversation: Conversation) -> str | None:
        """Rows without an answer, or with nothing where a text should be."""
        messages = conversation.messages
        if not messages or messages[-1].role != "assistant":
            return "messages: no answer at the end"
        return next((f"messages: {message.flaw}" for message in messages if message.flaw), None)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines, streaming."""
        for conversation in conversations:
            messages = [
                {"role": message.role, "content": message.content} for message in conversation.messages
            ]
            row = {"id": conversation.id, "messages": messages}
            out.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
