"""Preference pairs as TRL has them, for DPO and its kin."""

from collections.abc import Iterable, Mapping
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, Flaw, Format, Rule, rows, rules
from tgc.formats.base.spelling import MESSAGES, Spelled, Spelling

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
        """The prompt with the answer that is chosen, and the one that is not."""
        texts = [row.get(part) for part in PARTS]
        if not all(isinstance(text, list) and text for text in texts):
            hint = "each is a list of `{role: …, content: …}`"
            return Spelled(
                None, (Flaw("row-shape", "`prompt`, `chosen` and `rejected` should be turns", hint),)
            )
        prompt, chosen, rejected = (_turns(row, part) for part in PARTS)
        flaws = (*prompt.flaws, *chosen.flaws, *rejected.flaws)
        if not (prompt.conversation and chosen.conversation and rejected.conversation):
            return Spelled(None, flaws)
        said = (*prompt.conversation.messages, *chosen.conversation.messages)
        other = rejected.conversation.messages[-1].content
        return Spelled(Conversation(str(row.get("id", "")), said, rejected=other), flaws)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines or the array, streaming."""
        rows.writer(self.path)(map(_row, conversations), out)


def _turns(row: Mapping[str, object], part: str) -> Spelled:
    return Spelling((MESSAGES,)).read({MESSAGES.key: row[part]})


def _row(conversation: Conversation) -> rows.Row:
    *prompt, chosen = rows.said(conversation.messages)
    rejected = {"role": "assistant", "content": conversation.rejected}
    return {"id": conversation.id, "prompt": prompt, "chosen": [chosen], "rejected": [rejected]}
