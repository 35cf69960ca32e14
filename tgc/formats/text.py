"""Plain text to go on with a base model's pretraining."""

from collections.abc import Iterable, Mapping
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation, Message
from tgc.formats.base import PATH, Flaw, Format, Rule, rows, rules
from tgc.formats.base.spelling import Spelled

BETWEEN = "\n\n"


class Text(Format):
    """One `{"id": …, "text": …}` per line: the turns without their roles, an empty line between them."""

    system: ClassVar[bool] = False
    asks: ClassVar[tuple[Rule, ...]] = (rules.ANSWERED, *rules.SOUND, *rules.TEXT)
    """Rows with nothing where a text should be, or with images."""

    format: Literal["text"] = "text"
    path: str = Field(default="text.jsonl", description=PATH)

    def spelled(self, row: Mapping[str, object]) -> Spelled:
        """The text as an answer to nothing."""
        match row:
            case {"text": str(text)}:
                return Spelled(Conversation(str(row.get("id", "")), (Message("assistant", text),)))
            case _:
                return Spelled(None, (Flaw("row-shape", "`text` should be text", 'a row is `{"text": …}`'),))

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines, streaming; a system prompt is left out."""
        made = (
            {"id": row.id, "text": BETWEEN.join(turn.content for turn in row.turns)} for row in conversations
        )
        rows.lines(made, out)
