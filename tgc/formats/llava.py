"""The JSON array of LLaVA 1.5, which LLaVA-NeXT, LLaMA-Factory and ms-swift read too."""

from collections.abc import Iterable
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, Format, Rule, rows, rules
from tgc.formats.base.spelling import CONVERSATIONS, Spelling

BREAKS = (" ASSISTANT: ", "</s>")
"""In these LLaVA's label mask goes astray, and it trains on nothing."""


class Llava(Format):
    """One JSON array, a row per line; text rows have no `image` key, for LLaVA tests whether there is one.

    LLaVA writes its own system prompt, so that of the recipe is left out.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json",)
    reads: ClassVar[tuple[str, ...]] = (".json",)

    system: ClassVar[bool] = False
    asks: ClassVar[tuple[Rule, ...]] = (
        *rules.DIALOGUE,
        *rules.SOUND,
        rules.holding(*BREAKS),
        rules.UNPICTURED,
        rules.CROWDED,
        rules.ONCE,
    )
    """Rows on which LLaVA 1.5 fails, or trains on nothing in silence."""

    inferred: ClassVar[bool] = False
    spelling: ClassVar[Spelling] = Spelling(
        (CONVERSATIONS,), ("image",), one=True, many=False, blanks=frozenset({"no key"})
    )
    """Text rows have no `image`, for LLaVA tests whether there is one."""

    foldered: ClassVar[bool] = True
    format: Literal["llava"] = "llava"
    path: str = Field(default="llava.json", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The array, streaming."""
        rows.array((rows.llava(row, row.turns) for row in conversations), out)
