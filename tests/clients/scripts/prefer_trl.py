"""Prefer answers to others for a few steps with TRL; tell of the pairs that it is given, and of the loss."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.clients.scripts import answers, tiny


def main(data: str, held_out: str, home: Path) -> None:
    """Print what `DPOTrainer` makes of two files of JSON lines."""
    from datasets import load_dataset
    from trl import DPOTrainer

    files = {"train": data, "validation": held_out}
    sets = load_dataset("json", data_files=files, cache_dir=str(home / "cache"))
    trainer = DPOTrainer(
        str(tiny.text_model(home / "model")),
        args=settings(home),
        train_dataset=sets["train"],
        eval_dataset=sets["validation"],
    )
    rows = trainer.train_dataset
    pairs = answers.told(tiny.tokenizer(), zip(rows["chosen_ids"], rows["rejected_ids"], strict=True))
    losses = {"loss": trainer.train().training_loss, "held_out": trainer.evaluate()["eval_loss"]}
    print(json.dumps({"pairs": pairs} | losses))  # noqa: T201


def settings(home: Path) -> Any:  # noqa: ANN401 - of a library that is not ours
    """A few steps on a CPU, of which nothing is kept."""
    from trl import DPOConfig

    return DPOConfig(
        output_dir=str(home / "out"),
        per_device_train_batch_size=4,
        per_device_eval_batch_size=4,
        max_steps=5,
        max_length=None,
        use_cpu=True,
        bf16=False,
        report_to=[],
        save_strategy="no",
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
