"""Chat messages as JSON lines, which TRL, Axolotl, ms-swift and `datasets` read."""

from collections.abc import Iterable
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, Format, Rule, rows, rules
from tgc.formats.base.spelling import PARTS, Spelling


class Messages(Format):
    """One `{"id": …, "messages": [{"role": …, "content": …}]}` per line.

    Where rows have images, each has `images` too, `null` on rows of text: no text says where, for TRL and Axolotl
    put them into the user's first turn.
    """

    asks: ClassVar[tuple[Rule, ...]] = (rules.ANSWERED, rules.BARE, rules.UNICODE, *rules.FIRST)
    """Rows without an answer, or with nothing where a text should be, or images after the first turn."""

    spelling: ClassVar[Spelling] = Spelling((PARTS,), blanks=frozenset({"no key", "null"}), placed=False)
    """Axolotl fails on an empty list."""

    format: Literal["messages"] = "messages"
    path: str = Field(default="messages.jsonl", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines, streaming."""
        rows.lines(rows.messages(conversations), out)
