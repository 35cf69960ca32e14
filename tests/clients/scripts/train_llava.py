"""Train a few steps with LLaVA 1.5's own program; tell of the rows, what is learned in each, and the loss."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.clients.scripts import tiny

SIDE, PATCH = 56, 14
LOOK = -200
"""What stands for an image among tokens."""

TOLD: dict[str, Any] = {}


def main(data: str, photos: str, home: Path) -> None:
    """Print what the program makes of a file."""
    from llava.train import train

    models = {"model_name_or_path": vicuna(home / "model", data), "vision_tower": clip(home / "clip-vit")}
    given = {"data_path": data, "image_folder": photos, **models, **settings(home)}
    sys.argv = ["train.py", *(word for name, value in given.items() for word in (f"--{name}", str(value)))]
    train.LLaVATrainer = counting(train.LLaVATrainer)
    train.train()
    print(json.dumps(TOLD))  # noqa: T201


def settings(home: Path) -> dict[str, object]:
    """Those of the official script, but for a CPU and few steps."""
    return {
        "version": "v1",
        "mm_projector_type": "mlp2x_gelu",
        "mm_vision_select_layer": -2,
        "mm_use_im_start_end": False,
        "mm_use_im_patch_token": False,
        "image_aspect_ratio": "pad",
        "group_by_modality_length": True,
        "model_max_length": 2048,
        "lazy_preprocess": True,
        "bf16": False,
        "use_cpu": True,
        "max_steps": 5,
        "per_device_train_batch_size": 4,
        "save_strategy": "no",
        "report_to": "none",
        "output_dir": home / "out",
    }


def counting(trainer: type) -> type:
    """The trainer, which tells what it is given before it trains, and the loss afterwards."""

    class Counting(trainer):  # type: ignore[misc]  # of a library that is not ours
        def train(self) -> None:
            rows = (self.train_dataset[number] for number in range(len(self.train_dataset)))
            TOLD.update(tiny.learned(map(batch, rows)))
            TOLD.update(loss=super().train().training_loss)

    return Counting


def batch(row: dict[str, Any]) -> dict[str, Any]:
    """A row by itself, with its image if it shows one: LLaVA gives rows of text a black one."""
    looks = {"pixel_values": [row["image"]]} if any(row["input_ids"] == LOOK) else {}
    return {"input_ids": row["input_ids"][None], "labels": row["labels"][None], **looks}


def vicuna(folder: Path, data: str) -> Path:
    """A folder with a Llama of random weights and a SentencePiece tokenizer, trained on the texts of a file."""
    import sentencepiece
    from transformers import LlamaConfig, LlamaForCausalLM, LlamaTokenizer

    folder.mkdir()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=texts(data),
        model_prefix=str(folder / "tokenizer"),
        vocab_size=1000,
        hard_vocab_limit=False,
        byte_fallback=True,
    )
    words = LlamaTokenizer(str(folder / "tokenizer.model"), legacy=True)
    LlamaForCausalLM(LlamaConfig(vocab_size=len(words), **tiny.LLAMA)).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def texts(data: str) -> Iterator[str]:
    for row in json.loads(Path(data).read_text(encoding="utf-8")):
        for turn in row["conversations"]:
            yield turn["value"].replace("\0", " ")


def clip(folder: Path) -> Path:
    """A folder with the part of a CLIP that sees, and its image processor."""
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel

    CLIPVisionModel(CLIPVisionConfig(image_size=SIDE, patch_size=PATCH, **tiny.CLIP)).save_pretrained(folder)
    size = {"height": SIDE, "width": SIDE}
    CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size=size).save_pretrained(folder)
    return folder


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
