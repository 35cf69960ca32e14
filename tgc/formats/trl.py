"""A data set for TRL, with the lines of a training file that name it."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import ClassVar, Literal

from pydantic import Field

from tgc.formats.base import PATH, TRAIN, About, Rule, card, rules
from tgc.formats.base.pictured import Pictured
from tgc.formats.base.spelling import PARTS, TOLD, Spelling


class TRL(Pictured):
    """Parquet with `id`, `messages` and `images`, a card for `datasets`, and `sft.yaml` for `trl sft --config`.

    It is run in the project's directory. Where there are images, no row is cut, for TRL fails on part of one.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    companions: ClassVar[tuple[str, ...]] = ("README.md", "sft.yaml")

    asks: ClassVar[tuple[Rule, ...]] = (*rules.DIALOGUE, rules.BARE, rules.UNICODE, *rules.FIRST)
    """Rows that no chat template renders, or that end a run because of images."""

    spelling: ClassVar[Spelling] = Spelling(
        (PARTS, TOLD), ("images",), blanks=frozenset({"no key", "null", "[]"}), placed=False, inline=False
    )
    """`images` is a list, for a single image may not be null."""

    format: Literal["trl"] = "trl"
    path: str = Field(default="trl/data.parquet", description=PATH)

    def beside(self, about: About) -> Mapping[str, str]:
        """The card, which says which file is which split, and what a training file says of them."""
        files = {split: self.file(split).name for split in about.rows}
        config = about.place(self.sibling("sft.yaml"))
        others = [split for split in about.rows if split != TRAIN]
        lines = [
            f"# in the project's directory: trl sft --config {config} --model_name_or_path MODEL",
            f"dataset_name: {about.place(PurePosixPath(self.path).parent)}",
            f"dataset_train_split: {TRAIN}",
            *(f"dataset_test_split: {card.split(name)}" for name in others),
            *(["max_length: null"] if about.images else []),
        ]
        return {
            "README.md": card.card(about, files, None),
            "sft.yaml": "\n".join(lines) + "\n",
        }
