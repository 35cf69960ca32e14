"""The rows of LLaVA-NeXT, with the YAML file that its loader takes for a data path."""

from collections.abc import Iterable, Mapping
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, TRAIN, About, Format, Rule, rows, rules
from tgc.formats.base.spelling import CONVERSATIONS, Spelling

BREAKS = (" ASSISTANT: ", "</s>")
"""In these the label mask goes astray, and nothing is trained on."""


class LlavaNext(Format):
    """LLaVA's rows, as an array or as lines, and `data.yaml` for `--data_path`; text rows have no `image` key.

    LLaVA-NeXT writes its own system prompt, so that of the recipe is left out.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json", ".jsonl")
    reads: ClassVar[tuple[str, ...]] = (".json", ".jsonl")
    companions: ClassVar[tuple[str, ...]] = ("data.yaml",)

    system: ClassVar[bool] = False
    asks: ClassVar[tuple[Rule, ...]] = (*rules.DIALOGUE, *rules.SOUND, rules.holding(*BREAKS), *rules.PLACED)
    """Rows on which LLaVA-NeXT fails, or which it passes over for the next one."""

    inferred: ClassVar[bool] = False
    gaps: ClassVar[bool] = False
    spelling: ClassVar[Spelling] = Spelling(
        (CONVERSATIONS,), ("image",), one=True, blanks=frozenset({"no key"})
    )
    """A null is tried three times, and then the next row is taken."""

    foldered: ClassVar[bool] = True
    format: Literal["llava_next"] = "llava_next"
    path: str = Field(default="llava_next/data.json", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The array or the lines, streaming."""
        rows.writer(self.path)((rows.llava(row, row.turns) for row in conversations), out)

    def beside(self, about: About) -> Mapping[str, str]:
        """The YAML file with the rows to train on, all of them."""
        place = about.place(self.file(TRAIN))
        folder = f" --image_folder {about.images}" if about.images else ""
        run = f"# in the project's directory: --data_path {about.place(self.sibling('data.yaml'))}{folder}\n"
        text = f"{run}datasets:\n  - json_path: {place}\n    sampling_strategy: all\n"
        return {"data.yaml": text}
