"""Instructions with answers, as Stanford Alpaca and LLaMA-Factory have them."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from tgc.dialogue import Message
from tgc.readers.base import Reader, history, opening, under


class Alpaca(Reader):
    """`instruction`, `input` and `output`; `system` and earlier turns in `history`, if there are any."""

    keys: ClassVar[frozenset[str]] = frozenset({"instruction", "input", "output", "system", "history"})

    format: Literal["alpaca"] = "alpaca"

    def messages(self, row: Mapping[str, object]) -> tuple[Message, ...]:
        """The dialogue; an input stands on the line below its instruction."""
        asked = under("instruction", row, "user").content
        if row.get("input") not in (None, ""):
            asked = f"{asked}\n{under('input', row, 'user').content}".removeprefix("\n")
        return (*opening(row), *history(row), Message("user", asked), under("output", row, "assistant"))
