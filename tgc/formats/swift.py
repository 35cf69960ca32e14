"""Chat messages for ms-swift, each row with the channel that its loss is told under."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, Format, Rule, rows, rules
from tgc.formats.base.spelling import MESSAGES, TOLD, Spelled, Spelling


class Swift(Format):
    """Messages as JSON lines with a `channel`, where a row is from: `--enable_channel_loss true` tells of each.

    Pairs have the answer that is not chosen as `rejected_response`.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl",)
    both: ClassVar[bool] = True

    asks: ClassVar[tuple[Rule, ...]] = (*rules.DIALOGUE, *rules.SOUND, *rules.PLACED, rules.ALIKE)
    """Rows whose images have no place, or whose turns pass unchecked and teach nonsense."""

    spelling: ClassVar[Spelling] = Spelling((MESSAGES, TOLD), one=True)
    """Rows of messages, or of LLaVA."""

    format: Literal["swift"] = "swift"
    path: str = Field(default="swift.jsonl", description=PATH)

    def spelled(self, row: Mapping[str, object]) -> Spelled:
        """A row, with the answer that is rejected if there is one."""
        said, rejected = super().spelled(row), row.get("rejected_response")
        if said.conversation is None or not isinstance(rejected, str):
            return said
        return replace(said, conversation=replace(said.conversation, rejected=rejected))

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines, streaming."""
        rows.lines(map(_row, conversations), out)


def _row(conversation: Conversation) -> rows.Row:
    images = {"images": list(conversation.images)} if conversation.images else {}
    said = rows.said(conversation.messages)
    rejected = {} if conversation.rejected is None else {"rejected_response": conversation.rejected}
    return {"id": conversation.id, "messages": said, **rejected, **images, "channel": conversation.source}
