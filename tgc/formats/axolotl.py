"""Chat messages for Axolotl, with the lines of a training file that name them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, TRAIN, About, Format, Rule, rows, rules
from tgc.formats.base.spelling import PARTS, TOLD, Spelling

SEEING = (
    "processor_type: AutoProcessor",
    "skip_prepare_dataset: true",
    "remove_unused_columns: false",
    "sample_packing: false",
)
"""What Axolotl has to be told where rows have images."""


class Axolotl(Format):
    """Messages as JSON lines, and `train.yaml` with the lines that name them, from the project's directory.

    Where rows have images, each has `images` too, `null` on rows of text: Axolotl fails on an empty list.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".json")
    companions: ClassVar[tuple[str, ...]] = ("train.yaml",)

    asks: ClassVar[tuple[Rule, ...]] = (
        *rules.DIALOGUE,
        rules.BARE,
        rules.UNICODE,
        *rules.FIRST,
        rules.CROWDED,
    )
    """Rows that no chat template renders, or of which Axolotl would not show every image."""

    spelling: ClassVar[Spelling] = Spelling(
        (PARTS, TOLD), ("images",), blanks=frozenset({"no key", "null"}), placed=False
    )
    """An empty list ends the run."""

    format: Literal["axolotl"] = "axolotl"
    path: str = Field(default="axolotl/data.jsonl", description=PATH)

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The lines or the array, streaming."""
        rows.writer(self.path)(rows.messages(conversations), out)

    def beside(self, about: About) -> Mapping[str, str]:
        """What a training file says of the rows; what is held out is a set to test on."""
        kinds = {
            split: "datasets" if split == TRAIN else "test_datasets"
            for split in sorted(about.rows, key=TRAIN.__ne__)
        }
        lines = [
            "# lines of a training file for `axolotl train`, in the project's directory",
            *(SEEING if about.images else ()),
        ]
        lines += [
            line
            for split, kind in kinds.items()
            for line in (f"{kind}:", *_entry(about.place(self.file(split))))
        ]
        return {"train.yaml": "\n".join(lines) + "\n"}


def _entry(place: str) -> Iterator[str]:
    yield f"  - path: {place}"
    yield "    ds_type: json"
    yield "    split: train"
    yield "    type: chat_template"
    yield "    field_messages: messages"
    yield "    message_property_mappings: {role: role, content: content}"
