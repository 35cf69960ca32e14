"""Preference pairs as TRL has them, for DPO and its kin."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation, Message
from tgc.formats.base import PATH, Flaw, Format, Rule, rows, rules
from tgc.formats.base.parted import Parted, parted
from tgc.formats.base.spelling import Spelled

PARTS = ("prompt", "chosen", "rejected")


class DPO(Format):
    """Lines of `prompt`, `chosen` and `rejected`, each a list of `{role, content}`; for a mix of `pairs`."""

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".json")
    paired: ClassVar[bool] = True
    both: ClassVar[bool] = True

    asks: ClassVar[tuple[Rule, ...]] = (
        *rules.DIALOGUE,
        *rules.SOUND,
        *rules.TEXT,
        rules.UNPAIRED,
        rules.ALIKE,
    )
    """Rows that no chat template renders, or without two different answers."""

    format: Literal["dpo"] = "dpo"
    path: str = Field(default="dpo.jsonl", description=PATH)

    def spelled(self, row: Mapping[str, object]) -> Spelled:
        """The prompt with the answer that is chosen, and the one that is not; all texts, or all turns.

        Turns without a prompt begin with it.
        """
        match row:
            case {"prompt": str(prompt), "chosen": str(chosen), "rejected": str(rejected)}:
                said = Message("user", prompt), Message("assistant", chosen)
                return Spelled(Conversation(str(row.get("id", "")), said, rejected=rejected))
            case {"chosen": _, "rejected": _} if found := parted(row, PARTS):
                return _pair(row, found)
            case _:
                message = "`prompt`, `chosen` and `rejected` should be turns"
                return Spelled(
                    None, (Flaw("row-shape", message, "each is a list of `{role: …, content: …}`"),)
                )

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines or the array, streaming."""
        rows.writer(self.path)(map(_row, conversations), out)


def _pair(row: Mapping[str, object], found: Parted) -> Spelled:
    if not found.said:
        return Spelled(None, found.flaws)
    *asked, rejected = found.said
    said = tuple(chain.from_iterable(asked))
    return Spelled(Conversation(str(row.get("id", "")), said, rejected=rejected[-1].content), found.flaws)


def _row(conversation: Conversation) -> rows.Row:
    *prompt, chosen = rows.said(conversation.messages)
    rejected = {"role": "assistant", "content": conversation.rejected}
    return {"id": conversation.id, "prompt": prompt, "chosen": [chosen], "rejected": [rejected]}
