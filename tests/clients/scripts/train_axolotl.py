"""Train a few steps as `axolotl train` does; tell of the rows, what is learned in each, and the loss."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.clients.scripts import tiny


def main(kind: str, lines: Path, home: Path) -> None:
    """Print what the program makes of the lines of a training file."""
    from axolotl import processing_strategies, train
    from axolotl.cli.train import do_cli
    from yaml import safe_dump, safe_load

    told: dict[str, Any] = {}
    train.train = counting(train.train, told)
    marked(processing_strategies)
    model = {"text": tiny.text_model, "vision": tiny.vision_model}[kind](home / "model")
    given = {**settings(home), "base_model": str(model), **MARKS[kind], **safe_load(lines.read_text())}
    (home / "train.yaml").write_text(safe_dump(given))
    sys.argv[1:] = []
    do_cli(str(home / "train.yaml"))
    print(json.dumps(told))  # noqa: T201


MARKS: dict[str, dict[str, Any]] = {
    "text": {},
    "vision": {
        "role_boundaries": [
            {"role": "user", "start": "<|im_start|>user\n", "end": "<|im_end|>"},
            {"role": "assistant", "start": "<|im_start|>assistant\n", "end": "<|im_end|>"},
        ]
    },
}
"""How Axolotl finds the answers of a model that it does not know, where there are images."""


def marked(strategies: Any) -> None:  # noqa: ANN401 - a module of a library that is not ours
    """Let Axolotl take `role_boundaries` from a training file: 0.19.0 fails on its own dictionaries there."""
    resolve = strategies._resolve_role_boundary_override
    strategies._resolve_role_boundary_override = lambda marks, words: resolve([*map(dict, marks)], words)


def settings(home: Path) -> dict[str, object]:
    """A few steps of full finetuning on a CPU."""
    return {
        "output_dir": str(home / "out"),
        "dataset_prepared_path": str(home / "prepared"),
        "chat_template": "tokenizer_default",
        "special_tokens": {"pad_token": "<pad>"},
        "sequence_len": 4096,
        "micro_batch_size": 4,
        "gradient_accumulation_steps": 1,
        "max_steps": 5,
        "eval_steps": 5,
        "logging_steps": 1,
        "learning_rate": 0.001,
        "optimizer": "adamw_torch",
        "lr_scheduler": "constant",
        "bf16": False,
        "save_strategy": "no",
    }


def counting(train: Callable[..., Any], told: dict[str, Any]) -> Callable[..., Any]:
    """The training, which tells afterwards what it was given, and the losses."""

    def counted(**given: Any) -> Any:  # noqa: ANN401 - of a library that is not ours
        model, words, trainer = train(**given)
        losses = {name: loss for log in trainer.state.log_history for name, loss in log.items()}
        told.update(tiny.learned(trainer.get_train_dataloader()))
        told.update(loss=float(losses["train_loss"]), held_out=float(losses["eval_loss"]))
        return model, words, trainer

    return counted


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
