"""What every output format is: options from YAML, what it refuses, and how it writes rows."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, Field

from tgc.dialogue import Conversation

TRAIN = "train"
"""The split of what is not held out."""

MANIFEST = "manifest.json"
"""What tgc writes beside the outputs."""


class Format(BaseModel):
    """Base of every format plug-in; its `format` is its name, its other fields are its YAML options."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    path: str = Field(description="File to write, relative to `warehouse/mixes/<recipe>/`.")

    def file(self, split: str) -> PurePosixPath:
        """Where a split goes: `mix.json` for `train`, `mix.validation.json` for `validation`."""
        path = PurePosixPath(self.path)
        return path if split == TRAIN else path.with_name(f"{path.stem}.{split}{path.suffix}")

    def refuse(self, conversation: Conversation) -> str | None:
        """Why the client would fail or silently skip this row; None when it trains on it."""
        raise NotImplementedError

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """Write all rows, streaming; same rows, same bytes.

        Where any have images, the first has: `datasets` infers columns from the first 10 MB of a file.
        """
        raise NotImplementedError
