"""Train a few steps with ms-swift; tell of the rows, what is learned in each, the loss, and the channels."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.clients.scripts import tiny


def main(data: str, held_out: str, home: Path) -> None:
    """Print what `swift sft` makes of a file."""
    from swift.pipelines.train.sft import SwiftSft

    given = {"model": tiny.vision_model(home / "model"), "dataset": data, "val_dataset": held_out}
    words = [word for pair in {**given, **settings(home)}.items() for word in (f"--{pair[0]}", str(pair[1]))]
    told: dict[str, Any] = {}
    counting(SwiftSft, told)(words).main()
    print(json.dumps(told))  # noqa: T201


def settings(home: Path) -> dict[str, object]:
    """A few steps of full finetuning on a CPU, which end at a row that cannot be read."""
    return {
        "model_type": "llava1_5_hf",
        "template": "llava1_5_hf",
        "tuner_type": "full",
        "enable_channel_loss": "true",
        "strict": "true",
        "use_cpu": "true",
        "torch_dtype": "float32",
        "attn_impl": "eager",
        "max_steps": 5,
        "logging_steps": 1,
        "per_device_train_batch_size": 4,
        "dataloader_num_workers": 0,
        "gradient_accumulation_steps": 1,
        "gradient_checkpointing": "false",
        "save_strategy": "no",
        "eval_strategy": "no",
        "report_to": "none",
        "output_dir": home / "out",
    }


def counting(program: type, told: dict[str, Any]) -> type:
    """The program, which tells what its trainer is given before it trains, and the losses afterwards."""

    class Counting(program):  # type: ignore[misc]  # of a library that is not ours
        def train(self, trainer: Any) -> Any:  # noqa: ANN401
            told.update(tiny.learned(trainer.get_train_dataloader()))
            done = super().train(trainer)
            losses = {name: loss for log in trainer.state.log_history for name, loss in log.items()}
            told.update(loss=losses["train_loss"], channels=sorted(channels(losses)))
            return done

    return Counting


def channels(losses: dict[str, float]) -> set[str]:
    """The channels whose losses are told."""
    return {name.removeprefix("loss_") for name in losses if name.startswith("loss_")}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
