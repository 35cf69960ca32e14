"""Prompts with completions, as TRL has them."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from tgc.dialogue import IMAGE, Message
from tgc.readers.base import Picture, Reader, mappings, message, parts, under


class PromptCompletion(Reader):
    """`prompt` and `completion`: texts, or lists of `{role, content}`."""

    keys: ClassVar[frozenset[str]] = frozenset({"prompt", "completion"})

    format: Literal["prompt_completion"] = "prompt_completion"

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The user's turn and the assistant's, or the turns of both lists; images without a place come first."""
        said = (*_turns(row, "prompt", "user"), *_turns(row, "completion", "assistant"))
        placed = any(IMAGE in turn.content for turn in said)
        return said if placed else parts.shown(said, len(self.pictures(row)))

    def pictures(self, row: Mapping[str, object]) -> tuple[Picture, ...]:
        """Those of the row, then those that parts of a list name."""
        lists = (mappings(row, key) for key in ("prompt", "completion") if isinstance(row.get(key), list))
        return (*super().pictures(row), *(image for turns in lists for image in parts.named(turns)))


def _turns(row: Mapping[str, object], key: str, speaker: str) -> tuple[Message, ...]:
    if not isinstance(row.get(key), list):
        return (under(key, row, speaker),)
    return tuple(message(turn.get("role"), parts.text(turn.get("content"))) for turn in mappings(row, key))
