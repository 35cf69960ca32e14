"""Prefer answers to others for a few steps with LLaMA-Factory; tell of the pairs that it is given, and losses."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.clients.scripts import answers, tiny
from tests.clients.scripts.train_llamafactory import LOSSES, leave_out, settings


def main(kind: str, lines: Path, home: Path) -> None:
    """Print what a run of `stage: dpo` makes of the lines of a training file."""
    leave_out("torchaudio")
    from llamafactory.train.tuner import run_exp
    from yaml import safe_load

    told: dict[str, Any] = {}
    model = {"text": tiny.text_model, "vision": tiny.vision_model}[kind](home / "model")
    template = {"text": "chatml", "vision": "llava"}[kind]
    given = {"model_name_or_path": str(model), "template": template, **safe_load(lines.read_text())}
    run_exp({**given, **settings(home), "stage": "dpo"}, [listening(told)])
    print(json.dumps(told))  # noqa: T201


def listening(told: dict[str, Any]) -> Any:  # noqa: ANN401 - of a library that is not ours
    """What listens to a trainer, and notes the pairs that it is given, and the losses."""
    from transformers import TrainerCallback

    class Listening(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ANN401
            rows = given["train_dataloader"].dataset
            pairs = zip(rows["chosen_labels"], rows["rejected_labels"], strict=True)
            told["pairs"] = answers.told(tiny.tokenizer(), pairs)
            told["images"] = sum(len(images or ()) for images in rows["images"])

        def on_log(self, args: Any, state: Any, control: Any, **given: Any) -> None:  # noqa: ANN401
            told.update({LOSSES[name]: loss for name, loss in given["logs"].items() if name in LOSSES})

    return Listening()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
