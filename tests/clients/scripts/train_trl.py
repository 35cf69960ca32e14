"""Train a few steps with TRL; tell of the rows, of what is learned in each, and of the loss."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.clients.scripts import tiny

BATCH = 4


def main(kind: str, data: str, home: Path) -> None:
    """Print what a trainer makes of a folder with a card."""
    from datasets import load_dataset

    sets = load_dataset(data, cache_dir=str(home / "cache"))
    trainer = {"text": text, "vision": vision}[kind](sets, home)
    told = tiny.learned(trainer.get_train_dataloader())
    losses = {"loss": trainer.train().training_loss, "held_out": trainer.evaluate()["eval_loss"]}
    print(json.dumps(told | losses))  # noqa: T201


def text(sets: Any, home: Path) -> Any:  # noqa: ANN401 - of a library that is not ours
    """Finetuning on texts, of which the answers are learned."""
    from trl import SFTTrainer

    model = tiny.text_model(home / "model")
    return SFTTrainer(
        str(model), args=settings(home), train_dataset=sets["train"], eval_dataset=sets["validation"]
    )


def vision(sets: Any, home: Path) -> Any:  # noqa: ANN401 - of a library that is not ours
    """Finetuning on texts and images."""
    from transformers import AutoProcessor
    from trl import SFTTrainer

    model = tiny.vision_model(home / "model")
    return SFTTrainer(
        str(model),
        args=settings(home),
        train_dataset=sets["train"],
        eval_dataset=sets["validation"],
        processing_class=AutoProcessor.from_pretrained(model, use_fast=False),  # type: ignore[no-untyped-call]
    )


def settings(home: Path) -> Any:  # noqa: ANN401 - of a library that is not ours
    """A few steps on a CPU, of which nothing is kept."""
    from trl import SFTConfig

    return SFTConfig(
        output_dir=str(home / "out"),
        per_device_train_batch_size=BATCH,
        per_device_eval_batch_size=BATCH,
        max_steps=5,
        max_length=None,
        assistant_only_loss=True,
        use_cpu=True,
        bf16=False,
        report_to=[],
        save_strategy="no",
        dataloader_drop_last=False,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
