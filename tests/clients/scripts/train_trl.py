"""Train a few steps as `trl sft` does; tell of the rows, of what is learned in each, and of the loss."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.clients.scripts import tiny


def main(kind: str, home: Path, *given: str) -> None:
    """Print what the program makes of some words of its command line, beside a model and few steps."""
    import trl
    from trl.scripts import sft

    told: dict[str, Any] = {}
    trl.SFTTrainer = counting(trl.SFTTrainer, told)
    model = {"text": tiny.text_model, "vision": tiny.vision_model}[kind](home / "model")
    options = {"model_name_or_path": model, "output_dir": home / "out", **SETTINGS}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    sft.main(*sft.make_parser().parse_args_and_config([*given, *words], fail_with_unknown_args=False))
    print(json.dumps(told))  # noqa: T201


SETTINGS = {
    "max_steps": 5,
    "per_device_train_batch_size": 4,
    "per_device_eval_batch_size": 4,
    "eval_strategy": "steps",
    "eval_steps": 5,
    "assistant_only_loss": True,
    "use_cpu": True,
    "bf16": False,
    "report_to": "none",
    "save_strategy": "no",
}
"""A few steps of full finetuning on a CPU, by the answers."""


def counting(trainer: type, told: dict[str, Any]) -> type:
    """The trainer, which tells what it is given before it trains, and the losses afterwards."""

    class Counting(trainer):  # type: ignore[misc]  # of a library that is not ours
        def train(self, **options: Any) -> Any:  # noqa: ANN401
            told.update(tiny.learned(self.get_train_dataloader()))
            done = super().train(**options)
            losses = {name: loss for log in self.state.log_history for name, loss in log.items()}
            told.update(loss=done.training_loss, held_out=losses["eval_loss"])
            return done

    return Counting


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
