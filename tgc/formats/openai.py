"""Chat messages as OpenAI's finetuning takes them."""

from collections.abc import Iterable
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, Format, Rule, rows, rules
from tgc.formats.base.spelling import PARTS, Spelling


class OpenAI(Format):
    """One `{"messages": [{"role": …, "content": …}]}` per line and no other key, so that rows have no ids."""

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl",)
    reads: ClassVar[tuple[str, ...]] = (".jsonl",)

    asks: ClassVar[tuple[Rule, ...]] = (rules.ANSWERED, *rules.SOUND, *rules.TEXT)
    """Rows without an answer, with nothing where a text should be, or with images."""

    spelling: ClassVar[Spelling] = Spelling((PARTS,))
    """A text may be a list of parts."""

    format: Literal["openai"] = "openai"
    path: str = Field(default="openai.jsonl", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines, streaming."""
        rows.lines(({"messages": rows.said(row.messages)} for row in conversations), out)
