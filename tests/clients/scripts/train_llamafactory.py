"""Train a few steps with LLaMA-Factory; tell of the rows, of what is learned in each, and of the loss."""

import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.clients.scripts import tiny


def main(kind: str, lines: Path, home: Path) -> None:
    """Print what a run makes of the lines of a training file."""
    leave_out("torchaudio")
    from llamafactory.train.tuner import run_exp
    from yaml import safe_load

    model = {"text": tiny.text_model, "vision": tiny.vision_model}[kind](home / "model")
    template = {"text": "chatml", "vision": "llava"}[kind]
    told: dict[str, float] = {}
    given = {"model_name_or_path": str(model), "template": template, **safe_load(lines.read_text())}
    run_exp({**given, **settings(home)}, [counting(told)])
    print(json.dumps(told))  # noqa: T201


def leave_out(name: str, **holds: object) -> None:
    """Let a module be imported that is asked for, and never used where nothing is heard and no video is seen."""
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)
    module.__dict__.update(holds)
    sys.modules[name] = module


def settings(home: Path) -> dict[str, object]:
    """A few steps of full finetuning on a CPU."""
    return {
        "stage": "sft",
        "do_train": True,
        "do_eval": True,
        "finetuning_type": "full",
        "output_dir": str(home / "out"),
        "max_steps": 5,
        "logging_steps": 1,
        "per_device_train_batch_size": 4,
        "use_cpu": True,
        "save_strategy": "no",
        "report_to": "none",
        "overwrite_cache": True,
        "freeze_vision_tower": True,
        "use_fast_tokenizer": True,
    }


def counting(told: dict[str, float]) -> Any:  # noqa: ANN401 - of a library that is not ours
    """What listens to a trainer, and notes the rows that it is given, and the losses."""
    from transformers import TrainerCallback

    class Counting(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ANN401
            rows = given["train_dataloader"]
            told.update(tiny.learned(rows))
            told["images"] = sum(len(images or ()) for images in rows.dataset["images"])

        def on_log(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ANN401
            told.update({LOSSES[name]: loss for name, loss in given["logs"].items() if name in LOSSES})

    return Counting()


LOSSES = {"loss": "loss", "eval_loss": "held_out"}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
