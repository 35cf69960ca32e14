"""The rows of Qwen-VL's finetuning, with the entry that its list of datasets wants."""

import json
from collections.abc import Iterable, Mapping
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, About, Format, Rule, rows, rules
from tgc.formats.base.spelling import CONVERSATIONS, Spelling

BREAKS = ("<video>", "<|im_start|>", "<|im_end|>")
"""In these a row asks for a video, or its label mask takes a user's text for an answer."""


class QwenVL(Format):
    """LLaVA's rows, as an array or as lines, and `data_dict.json`: what to add to that dictionary of the client.

    It takes whoever is not `human` for the assistant, so the system prompt of the recipe is left out.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json", ".jsonl")
    reads: ClassVar[tuple[str, ...]] = (".json", ".jsonl")
    gaps: ClassVar[bool] = False
    companions: ClassVar[tuple[str, ...]] = ("data_dict.json",)

    system: ClassVar[bool] = False
    asks: ClassVar[tuple[Rule, ...]] = (*rules.DIALOGUE, *rules.SOUND, rules.holding(*BREAKS), *rules.PLACED)
    """Rows on which the client fails, which it passes over, or of which it learns the wrong part."""

    inferred: ClassVar[bool] = False
    spelling: ClassVar[Spelling] = Spelling((CONVERSATIONS,), ("image",), one=True)
    """Whoever is not `human` is the assistant, so that no other name will do."""

    foldered: ClassVar[bool] = True
    format: Literal["qwen_vl"] = "qwen_vl"
    path: str = Field(default="qwen_vl/data.json", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The array or the lines, streaming."""
        rows.writer(self.path)((rows.llava(row, row.turns) for row in conversations), out)

    def beside(self, about: About) -> Mapping[str, str]:
        """The entries of the dictionary of datasets, one per split."""
        named = {about.named(split): about.place(self.file(split)) for split in about.rows}
        known = {name: {"annotation_path": place, "data_path": about.images} for name, place in named.items()}
        return {"data_dict.json": json.dumps(known, indent=4) + "\n"}
