"""The base of every output format: options from YAML, what it refuses, and how it writes rows."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import BinaryIO, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tgc.dialogue import Conversation
from tgc.formats.base.about import About

TRAIN = "train"
"""The split of what is not held out."""

MANIFEST = "manifest.json"
"""What tgc writes beside the outputs."""


PATH = "File to write, relative to `warehouse/mixes/<recipe>/`."
"""What `path` is, wherever it has a default."""


class Format(BaseModel):
    """Base of every format plug-in; its `format` is its name, its other fields are its YAML options."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    suffixes: ClassVar[tuple[str, ...]] = ()
    """How the name of its file may end, for clients that go by the name; empty where they do not."""

    companions: ClassVar[tuple[str, ...]] = ()
    """Names of the further files that its client wants to have, beside the rows."""

    format: str
    path: str = Field(description=PATH)

    @field_validator("path")
    @classmethod
    def _is_known_by_its_name(cls, path: str) -> str:
        if cls.suffixes and not path.endswith(cls.suffixes):
            ends = " or ".join(f"`{suffix}`" for suffix in cls.suffixes)
            raise ValueError(f"its client reads files that end in {ends}")
        return path

    def file(self, split: str) -> PurePosixPath:
        """Where a split goes: `mix.json` for `train`, `mix.validation.json` for `validation`."""
        path = PurePosixPath(self.path)
        return path if split == TRAIN else path.with_name(f"{path.stem}.{split}{path.suffix}")

    def files(self, splits: Sequence[str]) -> tuple[PurePosixPath, ...]:
        """Everything it writes: the rows of each split, and what goes beside them."""
        return (*map(self.file, splits), *map(self.sibling, self.companions))

    def refuse(self, conversation: Conversation) -> str | None:
        """Why the client would fail or silently skip this row; None when it trains on it."""
        flaw = self.flaw(conversation)
        return flaw and f"{self.format}: {flaw}"

    def flaw(self, conversation: Conversation) -> str | None:
        """The same, in words that leave out the name of the format."""
        raise NotImplementedError

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """Write all rows; same rows, same bytes."""
        raise NotImplementedError

    def beside(self, about: About) -> Mapping[str, str]:  # noqa: ARG002 - for those that have companions
        """What stands in each of the `companions`."""
        return {}

    def sibling(self, name: str) -> PurePosixPath:
        """The path of a file beside the rows."""
        return PurePosixPath(self.path).with_name(name)
