"""The rows of LLaVA 1.5."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from tgc.dialogue import Message
from tgc.readers.base import BadRowError, Reader, mappings, message


class Llava(Reader):
    """`conversations` of `{from: human or gpt, value}`; `image` is a path, on rows that have one."""

    keys: ClassVar[frozenset[str]] = frozenset({"conversations"})

    format: Literal["llava"] = "llava"

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The turns; LLaVA knows no other speakers."""
        turns = mappings(row, "conversations")
        for turn in turns:
            if turn.get("from") not in ("human", "gpt"):
                raise BadRowError("only `human` and `gpt` speak", f", not `{turn.get('from')}`")
        return tuple([message(turn.get("from"), turn.get("value")) for turn in turns])
