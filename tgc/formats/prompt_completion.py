"""Prompts and completions as TRL has them, which learns the completion alone."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation, Message
from tgc.formats.base import PATH, Flaw, Format, Rule, rows, rules
from tgc.formats.base.parted import parted
from tgc.formats.base.spelling import Spelled

PARTS = ("prompt", "completion")


class PromptCompletion(Format):
    """Lines of `prompt` and `completion`, each a list of `{role, content}`; the last answer is the completion."""

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".json")

    asks: ClassVar[tuple[Rule, ...]] = (*rules.DIALOGUE, *rules.SOUND, *rules.TEXT)
    """Rows that no chat template renders, or with images."""

    format: Literal["prompt_completion"] = "prompt_completion"
    path: str = Field(default="prompt_completion.jsonl", description=PATH)

    def spelled(self, row: Mapping[str, object]) -> Spelled:
        """The prompt and its completion; both texts, or both turns."""
        match row:
            case {"prompt": str(prompt), "completion": str(completion)}:
                return _told(row, (Message("user", prompt), Message("assistant", completion)))
            case {"prompt": _, "completion": _} if found := parted(row, PARTS):
                return _told(row, tuple(chain.from_iterable(found.said)), found.flaws)
            case _:
                message = "`prompt` and `completion` should be turns, or both texts"
                return Spelled(
                    None, (Flaw("row-shape", message, "turns are a list of `{role: …, content: …}`"),)
                )

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines or the array, streaming."""
        rows.writer(self.path)(map(_row, conversations), out)


def _told(row: Mapping[str, object], said: tuple[Message, ...], flaws: tuple[Flaw, ...] = ()) -> Spelled:
    return Spelled(Conversation(str(row.get("id", "")), said) if said else None, flaws)


def _row(conversation: Conversation) -> rows.Row:
    *prompt, completion = rows.said(conversation.messages)
    return {"id": conversation.id, "prompt": prompt, "completion": [completion]}
