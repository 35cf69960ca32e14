"""The JSON array of LLaVA 1.5, which LLaVA-NeXT, LLaMA-Factory and ms-swift read too."""

from collections.abc import Iterable
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import IMAGE, Conversation
from tgc.formats.base import PATH, Format, rows, rules

BREAKS = (" ASSISTANT: ", "</s>")
"""In these LLaVA's label mask goes astray, and it trains on nothing."""


class Llava(Format):
    """One JSON array, a row per line; text rows have no `image` key, for LLaVA tests whether there is one.

    LLaVA writes its own system prompt, so that of the recipe is left out.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    format: Literal["llava"] = "llava"
    path: str = Field(default="llava.json", description=PATH)

    def flaw(self, conversation: Conversation) -> str | None:
        """Rows on which LLaVA 1.5 fails, or trains on nothing in silence."""
        turns = conversation.turns
        flaw = rules.uneven(turns) or rules.unfit(turns) or rules.holding(turns, BREAKS)
        return flaw or _misplaced(conversation)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The array, streaming."""
        rows.array((rows.llava(row, row.turns) for row in conversations), out)


def _misplaced(conversation: Conversation) -> str | None:
    """What is wrong with where images stand: LLaVA 1.5 takes one a row, once and in a user's turn."""
    if not conversation.images:
        return rules.pictured(conversation)
    roles = [turn.role for turn in conversation.shown]
    elsewhere = None if roles == ["user"] else f"`{IMAGE}` is not once in a user's turn"
    return rules.crowded(conversation) or elsewhere
