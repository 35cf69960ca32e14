"""A data set for TRL, with the lines of a training file that name it."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, TRAIN, About, Format, card, rows, rules


class TRL(Format):
    """Parquet with `id` and `messages`, a card for `datasets`, and `sft.yaml` for `trl sft --config`."""

    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    companions: ClassVar[tuple[str, ...]] = ("README.md", "sft.yaml")

    format: Literal["trl"] = "trl"
    path: str = Field(default="trl/data.parquet", description=PATH)

    def flaw(self, conversation: Conversation) -> str | None:
        """Rows that no chat template renders, or that end a run because of images."""
        messages = rows.bare(conversation.messages)
        return rules.uneven(messages) or rules.unfit(messages) or rules.late(conversation)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The Parquet file."""
        told = ((row.id, rows.said(rows.bare(row.messages)), row.images) for row in conversations)
        rows.parquet(told, out)

    def beside(self, about: About) -> Mapping[str, str]:
        """The card, which says which file is which split, and what a training file says of them."""
        files = {split: self.file(split).name for split in about.rows}
        others = [split for split in about.rows if split != TRAIN]
        lines = [
            f"dataset_name: {about.place(PurePosixPath(self.path).parent)}",
            f"dataset_train_split: {TRAIN}",
            *(f"dataset_test_split: {card.split(name)}" for name in others),
        ]
        return {
            "README.md": card.card(about, files, None),
            "sft.yaml": "\n".join(lines) + "\n",
        }
