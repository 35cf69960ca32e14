"""Instructions and outputs as Alpaca has them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation, Message, Role
from tgc.formats.base import PATH, Flaw, Format, Rule, rows, rules
from tgc.formats.base.spelling import Spelled


class Alpaca(Format):
    """Rows of `instruction`, `input`, `output`, `system` and `history`: an array, or lines in a `.jsonl` file.

    The last turn is the instruction and its output, those before are the history; every row has all keys.
    """

    asks: ClassVar[tuple[Rule, ...]] = (*rules.DIALOGUE, *rules.SOUND, *rules.TEXT)
    """Rows whose turns do not alternate, with nothing where a text should be, or with images."""

    format: Literal["alpaca"] = "alpaca"
    path: str = Field(default="alpaca.json", description=PATH)

    def spelled(self, row: Mapping[str, object]) -> Spelled:
        """The last turn and those before it."""
        match row:
            case {"instruction": str(task), "output": str(answer)}:
                asked = "\n".join(filter(None, (task, str(row.get("input") or ""))))
                turns = [*_earlier(row.get("history")), ("user", asked), ("assistant", answer)]
                said = tuple(Message(role, text) for role, text in turns)
                return Spelled(Conversation(str(row.get("id", "")), said))
            case _:
                hint = "both are texts on every row"
                flaw = Flaw("row-shape", "`instruction` and `output` should be texts", hint)
                return Spelled(None, (flaw,))

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The array or the lines, streaming."""
        rows.writer(self.path)(map(_row, conversations), out)


def _earlier(history: object) -> Iterator[tuple[Role, str]]:
    for pair in history if isinstance(history, list) else ():
        match pair:
            case [asked, answered]:
                yield from (("user", str(asked)), ("assistant", str(answered)))


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
