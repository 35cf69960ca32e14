"""The rows of ShareGPT, FastChat and LLaMA-Factory."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from tgc.dialogue import Message
from tgc.readers.base import Reader, mappings, message, opening


class Sharegpt(Reader):
    """`conversations` of `{from, value}`, with `system` beside them or as the first turn."""

    keys: ClassVar[frozenset[str]] = frozenset({"conversations", "system"})

    format: Literal["sharegpt"] = "sharegpt"

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The turns, whatever their speakers are called."""
        turns = mappings(row, "conversations")
        return (*opening(row), *(message(turn.get("from"), turn.get("value")) for turn in turns))
