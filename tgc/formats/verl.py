"""Chat messages for verl's supervised finetuning."""

from collections.abc import Iterable
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, Format, Rule, parquet, rules
from tgc.formats.base.spelling import Spelling

BREAKS = ("<video>",)
"""Where this is in a text, a row that has an image or might have one asks for a video, and the run ends."""


class Verl(Format):
    """Parquet with `id` and `messages`, and `images` if a row has any, empty on rows of text.

    An image is `{image: path}`, for verl 0.9 takes a bare path apart.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    reads: ClassVar[tuple[str, ...]] = (".parquet",)

    asks: ClassVar[tuple[Rule, ...]] = (*rules.DIALOGUE, *rules.SOUND, rules.holding(*BREAKS), *rules.PLACED)
    """Rows that no chat template renders, or whose images have no place."""

    spelling: ClassVar[Spelling] = Spelling(images=("images",), blanks=frozenset({"no key", "[]"}))
    """A null ends the run."""

    format: Literal["verl"] = "verl"
    path: str = Field(default="verl.parquet", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The Parquet file."""
        parquet.paths(conversations, out)
