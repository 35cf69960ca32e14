"""Prefer answers to others for a few steps with ms-swift; tell of the pairs that it is given, and of the loss."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.clients.scripts import answers, tiny
from tests.clients.scripts.train_swift import settings


def main(data: str, held_out: str, home: Path) -> None:
    """Print what `swift rlhf --rlhf_type dpo` makes of a file."""
    from swift.pipelines.train.rlhf import SwiftRLHF

    model = {"model": tiny.vision_model(home / "model"), "dataset": data, "val_dataset": held_out}
    given = {**model, **settings(home), "rlhf_type": "dpo", "enable_channel_loss": "false"}
    words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    told: dict[str, Any] = {}
    listening(SwiftRLHF, told)(words).main()
    print(json.dumps(told))  # noqa: T201


def listening(program: type, told: dict[str, Any]) -> type:
    """The program, which tells what its trainer is given before it trains, and the loss afterwards."""

    class Listening(program):  # type: ignore[misc]  # of a library that is not ours
        def train(self, trainer: Any) -> Any:  # noqa: ANN401
            batches = list(trainer.get_train_dataloader())
            pairs = (pair for batch in batches for pair in halves(batch["labels"].tolist()))
            told["pairs"] = answers.told(tiny.tokenizer(), pairs)
            told["images"] = sum(len(batch.get("pixel_values", ())) for batch in batches) // 2
            done = super().train(trainer)
            told["loss"] = trainer.state.log_history[-1]["train_loss"]
            return done

    return Listening


def halves(rows: list[list[int]]) -> Iterable[tuple[list[int], list[int]]]:
    """Of a batch the chosen rows, which come first, each with the one that is rejected."""
    middle = len(rows) // 2
    return zip(rows[:middle], rows[middle:], strict=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
