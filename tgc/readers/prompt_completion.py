"""Prompts with completions, as TRL has them."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from tgc.dialogue import Message
from tgc.readers.base import Reader, mappings, message


class PromptCompletion(Reader):
    """`prompt` and `completion`: texts, or lists of `{role, content}`."""

    keys: ClassVar[frozenset[str]] = frozenset({"prompt", "completion"})

    format: Literal["prompt_completion"] = "prompt_completion"

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The user's turn and the assistant's, or the turns of both lists."""
        return (*_turns(row, "prompt", "user"), *_turns(row, "completion", "assistant"))


def _turns(row: Mapping[str, object], key: str, speaker: str) -> tuple[Message, ...]:
    if not isinstance(row.get(key), list):
        return (message(speaker, row.get(key)),)
    return tuple(message(turn.get("role"), turn.get("content")) for turn in mappings(row, key))
