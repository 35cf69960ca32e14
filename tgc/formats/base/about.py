"""What the files beside the rows may say of a mix."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class About:
    """A mix in words and numbers.

    Attributes:
        recipe: its name.
        rows: how many there are, by split.
        sources: how many are from the recipe, and from each file that is blended in.
        text: the recipe as it is kept with every run.
        commit: the git commit of the recipe; None where there is none.
        dirty: whether the recipe or its templates differ from that commit.
        models: who wrote, each with its revision if it has one.
        images: the folder in which the paths of images begin, as the project's directory sees it, which it may be
            itself; empty where no row has any.
        drops: conversations of the recipe that were left out, by reason.
        version: of tgc.
        paired: whether rows have an answer that is rejected.
    """

    recipe: str
    rows: Mapping[str, int]
    text: str = ""
    commit: str | None = None
    dirty: bool = False
    models: tuple[str, ...] = ()
    sources: Mapping[str, int] = field(default_factory=dict)
    images: str = ""
    drops: Mapping[str, int] = field(default_factory=dict)
    version: str = ""
    paired: bool = False

    def place(self, file: PurePosixPath) -> str:
        """Where a file of the mix is, as the project's directory sees it."""
        return f"warehouse/mixes/{self.recipe}/{file}"

    def named(self, split: str) -> str:
        """What a client calls a split: the recipe's name for `train`, with the split's after it for others."""
        return self.recipe if split == "train" else f"{self.recipe}_{split}"
