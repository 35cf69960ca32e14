"""The JSON lines of InternVL, with the meta file that its trainer takes."""

import json
from collections.abc import Iterable, Mapping
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, TRAIN, About, Format, Rule, rows, rules
from tgc.formats.base.spelling import TOLD, Spelling

BREAKS = ("<img>", "</img>", "<IMG_CONTEXT>")
"""Where one of these is in a text, InternVL puts another row in its place."""


class InternVL(Format):
    """LLaVA's rows as lines, and `meta.json` for `--meta_path`; text rows have no `image` key."""

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl",)
    reads: ClassVar[tuple[str, ...]] = (".jsonl",)
    companions: ClassVar[tuple[str, ...]] = ("meta.json",)

    asks: ClassVar[tuple[Rule, ...]] = (
        *rules.DIALOGUE,
        *rules.SOUND,
        rules.holding(*BREAKS),
        rules.MISCOUNTED,
        rules.MISPLACED,
    )
    """Rows which InternVL replaces by others in silence."""

    inferred: ClassVar[bool] = False
    gaps: ClassVar[bool] = False
    spelling: ClassVar[Spelling] = Spelling(
        (TOLD,), ("image",), one=True, blanks=frozenset({"no key", "[]", '""'})
    )
    """A null ends the run."""

    foldered: ClassVar[bool] = True
    format: Literal["internvl"] = "internvl"
    path: str = Field(default="internvl/data.jsonl", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines, streaming; a system prompt is the first turn."""
        rows.lines((rows.llava(row, row.messages) for row in conversations), out)

    def beside(self, about: About) -> Mapping[str, str]:
        """The meta file with the rows to train on; `root` is wanted for texts too."""
        meta = {
            "root": about.images,
            "annotation": about.place(self.file(TRAIN)),
            "data_augment": False,
            "repeat_time": 1,
            "length": about.rows.get(TRAIN, 0),
        }
        return {"meta.json": json.dumps({about.recipe: meta}, indent=2) + "\n"}
