"""Have Axolotl tokenize texts and collate images; tell of the rows, what is learned in each, and the loss."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.clients.scripts import tiny

BATCH = 4


def main(kind: str, project: Path, lines: Path, home: Path) -> None:
    """Print what Axolotl's loaders make of the lines of a training file."""
    from datasets import load_dataset
    from yaml import safe_load

    (dataset,) = safe_load(lines.read_text())["datasets"]
    rows = load_dataset(dataset["ds_type"], data_files=str(project / dataset["path"]), split=dataset["split"])
    model, batches = {"text": text, "vision": vision}[kind](dataset, rows, home)
    losses = [model(**batch).loss.item() for batch in batches[:BATCH]]
    told = {**tiny.learned(batches), "loss": sum(losses) / len(losses)}
    print(json.dumps(told))  # noqa: T201


def text(dataset: dict[str, Any], rows: Any, home: Path) -> tuple[Any, list[Any]]:  # noqa: ANN401
    """A Llama, and the rows as `chat_template` tokenizes them."""
    from axolotl.prompt_strategies.chat_template import load
    from axolotl.utils.dict import DictDefault
    from transformers import AutoModelForCausalLM, AutoTokenizer, DataCollatorForSeq2Seq

    folder = tiny.text_model(home / "model")
    words = AutoTokenizer.from_pretrained(folder)
    strategy = load(words, DictDefault(train_on_inputs=False, sequence_len=4096), dataset)
    told = [strategy.tokenize_prompt(row) for row in rows]
    return AutoModelForCausalLM.from_pretrained(folder), list(batched(told, DataCollatorForSeq2Seq(words)))


def vision(dataset: dict[str, Any], rows: Any, home: Path) -> tuple[Any, list[Any]]:  # noqa: ANN401
    """A LLaVA, and the rows as the collator for chats with images puts them together."""
    from axolotl.processing_strategies import get_processing_strategy
    from axolotl.utils.collators.mm_chat import MultiModalChatDataCollator
    from transformers import AutoProcessor, LlavaForConditionalGeneration

    folder = tiny.vision_model(home / "model")
    processor = AutoProcessor.from_pretrained(folder, use_fast=False)  # type: ignore[no-untyped-call]
    strategy = get_processing_strategy(
        processor,
        None,
        "tokenizer_default",
        role_boundaries_override=ROLES,
        field_messages=dataset["field_messages"],
    )
    collate = MultiModalChatDataCollator(processor.tokenizer, strategy)
    return LlavaForConditionalGeneration.from_pretrained(folder), list(batched(list(rows), collate))


ROLES = [
    {"role": "user", "start": "<|im_start|>user\n", "end": "<|im_end|>"},
    {"role": "assistant", "start": "<|im_start|>assistant\n", "end": "<|im_end|>"},
]


def batched(rows: list[Any], collate: Callable[[list[Any]], Any]) -> Iterator[Any]:
    """The rows, so many at a time, put together."""
    for first in range(0, len(rows), BATCH):
        yield collate(rows[first : first + BATCH])


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
