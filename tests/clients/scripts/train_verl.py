"""Take a few steps on what verl's own dataset reads; tell of the rows, what is learned in each, and the loss."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.clients.scripts import tiny
from tests.clients.scripts.train_llamafactory import leave_out

STEPS = 5


def main(kind: str, file: str, home: Path) -> None:
    """Print what `MultiTurnSFTDataset` makes of a file, and a model of its rows."""
    from omegaconf import OmegaConf

    model, words, processor = {"text": text, "vision": vision}[kind](home / "model")
    leave_out("torchvision.transforms", InterpolationMode=None)
    leave_out("torchvision", io=None, transforms=sys.modules["torchvision.transforms"])
    from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset

    settings = OmegaConf.create({"pad_mode": "no_padding", "max_length": 4096})
    rows = MultiTurnSFTDataset(file, words, settings, processor=processor)
    told = tiny.learned(map(batch, (rows[place] for place in range(len(rows)))))
    print(json.dumps(told | {"loss": trained(model, rows)}))  # noqa: T201


def text(folder: Path) -> Any:  # noqa: ANN401 - of a library that is not ours
    """A Llama and its tokenizer."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tiny.text_model(folder)
    return AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder), None


def vision(folder: Path) -> Any:  # noqa: ANN401 - of a library that is not ours
    """A LLaVA and its processor, which says the size of patches as Qwen's does."""
    from transformers import AutoProcessor, LlavaForConditionalGeneration

    tiny.vision_model(folder)
    processor = AutoProcessor.from_pretrained(folder, use_fast=False)  # type: ignore[no-untyped-call]
    processor.image_processor.patch_size = tiny.PATCH
    return LlavaForConditionalGeneration.from_pretrained(folder), processor.tokenizer, processor


def batch(row: dict[str, Any]) -> dict[str, Any]:
    """A row by itself, as a model takes it."""
    labels = row["input_ids"].masked_fill(row["loss_mask"] == 0, -100)
    images = {name: of for name, of in row.get("multi_modal_inputs", {}).items() if name == "pixel_values"}
    return {"input_ids": row["input_ids"][None], "labels": labels[None], **images}


def trained(model: Any, rows: Any) -> float:  # noqa: ANN401 - of a library that is not ours
    """The loss of the last of a few steps."""
    import torch

    steps = torch.optim.AdamW(model.parameters(), lr=1e-3)
    for place in range(STEPS):
        loss = model(**batch(rows[place])).loss
        loss.backward()
        steps.step()
        steps.zero_grad()
    return float(loss)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
