"""Instructions and outputs as Alpaca has them."""

from collections.abc import Iterable
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, Format, Rule, rows, rules


class Alpaca(Format):
    """Rows of `instruction`, `input`, `output`, `system` and `history`: an array, or lines in a `.jsonl` file.

    The last turn is the instruction and its output, those before are the history; every row has all keys.
    """

    asks: ClassVar[tuple[Rule, ...]] = (*rules.DIALOGUE, *rules.SOUND, *rules.TEXT)
    """Rows whose turns do not alternate, with nothing where a text should be, or with images."""

    format: Literal["alpaca"] = "alpaca"
    path: str = Field(default="alpaca.json", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The array or the lines, streaming."""
        rows.writer(self.path)(map(_row, conversations), out)


def _row(conversation: Conversation) -> rows.Row:
    texts = [turn.content for turn in conversation.turns]
    pairs = [[asked, answered] for asked, answered in zip(texts[::2], texts[1::2], strict=True)]
    system = [message.content for message in conversation.messages if message.role == "system"]
    *history, (instruction, output) = pairs
    return {
        "id": conversation.id,
        "instruction": instruction,
        "input": "",
        "output": output,
        "system": "".join(system),
        "history": history,
    }
