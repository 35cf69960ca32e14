"""Formats whose Parquet has images as `datasets` knows them."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import parquet
from tgc.formats.base.format import Format
from tgc.formats.base.rule import Flaw


class Pictured(Format):
    """Parquet with `id`, `messages` and, if a row has any, `images`, which are opened as images."""

    images: Literal["paths", "bytes"] = Field(
        default="paths", description="Whether images are opened by their paths, or held in the file."
    )

    def flaws(self, conversation: Conversation) -> Iterator[Flaw]:
        """What any client would fail on, and an image to be held of which nobody says where it is."""
        yield from super().flaws(conversation)
        if self.images == "bytes" and conversation.images and not conversation.folder:
            hint = "the source of the row says by `images` in which folder they are"
            yield Flaw("image-folder", "nobody says where an image is that is to be held", hint)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The Parquet file."""
        if self.images == "bytes":
            parquet.held(conversations, out)
        else:
            parquet.named(conversations, out)
