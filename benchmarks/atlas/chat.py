"""Sampling from a saved Atlas model: many prompts at once, greedily or at a temperature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.atlas.dialogues import Message, render

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Chat:
    """A saved model, loaded in float32, that writes the next message of many conversations."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase

    def write(
        self, conversations: Sequence[Sequence[Message]], role: str, *, temperature: float = 0.0
    ) -> list[str]:
        """The message of `role` that comes next in each conversation; temperature 0 is greedy."""
        texts = [render(conversation) + f"<|{role}|>" for conversation in conversations]
        return [
            reply
            for start in range(0, len(texts), 256)
            for reply in self._batch(texts[start : start + 256], temperature)
        ]

    def _batch(self, texts: list[str], temperature: float) -> list[str]:
        import torch

        prompts = self.tokenizer(
            texts, return_tensors="pt", padding=True, padding_side="left", add_special_tokens=False
        )
        ids, mask = prompts["input_ids"], prompts["attention_mask"]
        with torch.inference_mode():
            rows = self.model.generate(  # type: ignore[operator]  # torch types a module's attributes as tensors
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=128,
                top_k=0,
                do_sample=temperature > 0,
                temperature=temperature or 1.0,
            )
        return self.tokenizer.batch_decode(rows[:, ids.shape[1] :], skip_special_tokens=True)


def open_chat(folder: Path) -> Chat:
    """The model saved in `folder`, on the CPU."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return Chat(model.requires_grad_(False), AutoTokenizer.from_pretrained(folder))
