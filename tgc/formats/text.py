"""Plain text to go on with a base model's pretraining."""

from collections.abc import Iterable
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, Format, Rule, rows, rules

BETWEEN = "\n\n"


class Text(Format):
    """One `{"id": …, "text": …}` per line: the turns without their roles, an empty line between them."""

    system: ClassVar[bool] = False
    asks: ClassVar[tuple[Rule, ...]] = (rules.ANSWERED, *rules.SOUND, *rules.TEXT)
    """Rows with nothing where a text should be, or with images."""

    format: Literal["text"] = "text"
    path: str = Field(default="text.jsonl", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines, streaming; a system prompt is left out."""
        made = (
            {"id": row.id, "text": BETWEEN.join(turn.content for turn in row.turns)} for row in conversations
        )
        rows.lines(made, out)
