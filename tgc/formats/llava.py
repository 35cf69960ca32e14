"""The JSON array of LLaVA 1.5, which LLaVA-NeXT, LLaMA-Factory and ms-swift read too."""

import json
from collections.abc import Iterable
from typing import BinaryIO, Literal

from tgc.dialogue import IMAGE, Conversation, Message
from tgc.formats.base import Format

SPEAKERS = {"user": "human", "assistant": "gpt"}

BREAKS = (" ASSISTANT: ", "</s>")
"""In these LLaVA's label mask goes astray, and it trains on nothing."""


class Llava(Format):
    """One JSON array, a row per line; text rows have no `image` key, for LLaVA tests whether there is one.

    LLaVA writes its own system prompt, so that of the recipe is left out.
    """

    format: Literal["llava"] = "llava"

    def refuse(self, conversation: Conversation) -> str | None:
        """Rows on which LLaVA 1.5 fails, or trains on nothing in silence."""
        turns = conversation.turns
        roles = [turn.role for turn in turns]
        if not turns or roles != ["user", "assistant"] * (len(turns) // 2):
            return "llava: turns do not alternate from a user's to an assistant's"
        flaw = next((flaw for turn in turns if (flaw := _flaw(turn))), None) or _misplaced(conversation)
        return flaw and f"llava: {flaw}"

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The array, streaming."""
        opening = b"[\n"
        for conversation in conversations:
            out.write(opening + json.dumps(_row(conversation), ensure_ascii=False).encode())
            opening = b",\n"
        out.write(b"[]\n" if opening == b"[\n" else b"\n]\n")


def _flaw(turn: Message) -> str | None:
    held = next((word for word in BREAKS if word in turn.content), None)
    return turn.flaw or (f"a text holds `{held.strip()}`" if held else None)


def _misplaced(conversation: Conversation) -> str | None:
    """What is wrong with where images stand: LLaVA 1.5 takes one a row, once and in a user's turn."""
    images, shown = len(conversation.images), conversation.shown
    if not images:
        return f"a text holds `{IMAGE}`" if shown else None
    if images > 1:
        return "a row has more than one image"
    return None if [turn.role for turn in shown] == ["user"] else f"`{IMAGE}` is not once in a user's turn"


def _row(conversation: Conversation) -> dict[str, object]:
    turns = [{"from": SPEAKERS[turn.role], "value": turn.content} for turn in conversation.turns]
    image = {"image": conversation.images[0]} if conversation.images else {}
    return {"id": conversation.id, **image, "conversations": turns, **conversation.extras}
