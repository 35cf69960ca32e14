"""Instructions with answers, as Stanford Alpaca and LLaMA-Factory have them."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from tgc.dialogue import Message
from tgc.readers.base import BadRowError, Reader, message

PAIRS = "`history` should be a list of pairs"


class Alpaca(Reader):
    """`instruction`, `input` and `output`; `system` and earlier turns in `history`, if there are any."""

    keys: ClassVar[frozenset[str]] = frozenset({"instruction", "input", "output", "system", "history"})

    format: Literal["alpaca"] = "alpaca"

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The dialogue; an input stands on the line below its instruction."""
        asked = message("user", row.get("instruction")).content
        if row.get("input"):
            asked = f"{asked}\n{message('user', row['input']).content}".removeprefix("\n")
        opening = (message("system", row["system"]),) if row.get("system") else ()
        return (*opening, *_earlier(row), Message("user", asked), message("assistant", row.get("output")))


def _earlier(row: Mapping[str, object]) -> tuple[Message, ...]:
    pairs = row.get("history") or []
    if not isinstance(pairs, list):
        raise BadRowError(PAIRS)
    return tuple(turn for pair in pairs for turn in _exchange(pair))


def _exchange(pair: object) -> tuple[Message, Message]:
    match pair:
        case [asked, answered]:
            return message("user", asked), message("assistant", answered)
        case _:
            raise BadRowError(PAIRS)
