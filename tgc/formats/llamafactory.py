"""The rows of LLaMA-Factory, with its list of datasets and the lines of a training file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO, ClassVar, Literal

from pydantic import Field

from tgc.dialogue import Conversation
from tgc.formats.base import PATH, TRAIN, About, Format, Rule, rows, rules
from tgc.formats.base.spelling import MESSAGES, TOOLS, Spelled, Spelling

BREAKS = ("<video>", "<audio>")
"""On a row with one of these and no such file, a run of LLaMA-Factory ends."""

TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "system_tag": "system",
    "observation_tag": "observation",
    "function_tag": "function_call",
}
"""All of them, for one that is left out is null."""


class LlamaFactory(Format):
    """Rows as ShareGPT has them, `dataset_info.json`, and `train.yaml` with the lines that name them.

    Every row has `images`, which is empty on rows of text: a column that is named must be there. Pairs end with a
    user's turn, and have both answers as `chosen` and `rejected`.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".json", ".jsonl")
    both: ClassVar[bool] = True
    companions: ClassVar[tuple[str, ...]] = ("dataset_info.json", "train.yaml")

    asks: ClassVar[tuple[Rule, ...]] = (
        *rules.DIALOGUE,
        *rules.SOUND,
        rules.holding(*BREAKS),
        *rules.PLACED,
        rules.ALIKE,
    )
    """Rows on which a run ends, or which are dropped with no more than a warning."""

    spelling: ClassVar[Spelling] = Spelling(
        (TOOLS, MESSAGES), one=True, blanks=frozenset({"no key", "null", "[]"})
    )
    """An empty path counts as an image."""

    foldered: ClassVar[bool] = True
    format: Literal["llamafactory"] = "llamafactory"
    path: str = Field(default="llamafactory/data.json", description=PATH)

    def spelled(self, row: Mapping[str, object]) -> Spelled:
        """A row; of a pair with the answer that is chosen."""
        turns, rejected = row.get("conversations"), row.get("rejected")
        if not isinstance(turns, list) or not isinstance(rejected, Mapping):
            return super().spelled(row)
        said = super().spelled({**row, "conversations": [*turns, row.get("chosen")]})
        if said.conversation is None:
            return said
        return replace(said, conversation=replace(said.conversation, rejected=str(rejected.get("value"))))

    def write(self, conversations: Iterable[Conversation], out: BinaryIO) -> None:
        """The array or the lines, streaming."""
        rows.writer(self.path)(map(_row, conversations), out)

    def beside(self, about: About) -> Mapping[str, str]:
        """The list of datasets, one per split, and what a training file says of them."""
        listed = {about.named(split): _entry(self.file(split), about.paired) for split in about.rows}
        others = ",".join(about.named(split) for split in about.rows if split != TRAIN)
        lines = [
            "# lines of a training file for `llamafactory-cli train`, in the project's directory",
            f"dataset_dir: {about.place(PurePosixPath(self.path).parent)}",
            f"dataset: {about.named(TRAIN)}",
            *([f"eval_dataset: {others}"] if others else []),
            *([f"media_dir: {about.images}"] if about.images else []),
        ]
        return {
            "dataset_info.json": json.dumps(listed, indent=2) + "\n",
            "train.yaml": "\n".join(lines) + "\n",
        }


def _row(conversation: Conversation) -> rows.Row:
    told = rows.told(conversation.messages)
    images = list(conversation.images)
    if conversation.rejected is None:
        return {"id": conversation.id, "conversations": told, "images": images}
    *asked, chosen = told
    both = {"chosen": chosen, "rejected": {**chosen, "value": conversation.rejected}}
    return {"id": conversation.id, "conversations": asked, **both, "images": images}


def _entry(file: PurePosixPath, paired: bool) -> dict[str, object]:
    ranking = {"ranking": True} if paired else {}
    answers = {"chosen": "chosen", "rejected": "rejected"} if paired else {}
    columns = {"messages": "conversations", **answers, "images": "images"}
    return {"file_name": file.name, "formatting": "sharegpt", **ranking, "columns": columns, "tags": TAGS}
