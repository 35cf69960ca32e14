"""How likely a model finds texts that are there already."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from tgc.engine.batched.padding import padded
from tgc.engine.drawing import sequence
from tgc.engine.drawing.choices import options
from tgc.engine.services.sweep import TOKENS, longest_first
from tgc.sampling import Sampling

if TYPE_CHECKING:
    from transformers import PreTrainedModel

LOGITS = 1 << 26
"""Logits that are in memory at once: a quarter of a gigabyte."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A text whose likelihood is asked, and what it comes after; both in tokens, the prompt has at least one."""

    prompt: tuple[int, ...]
    text: tuple[int, ...]

    def only(self, key: str) -> sequence.Sequence:
        """The sequence that can have no other text."""
        text = options([[self.text]])
        return sequence.Sequence(key, self.prompt, Sampling(), 0, len(self.text), options=text)


@torch.inference_mode()
def read(model: "PreTrainedModel", asked: Sequence[Scored]) -> list[tuple[float, ...]]:
    """The log-probability of every token of each text, read side by side: right for any causal LM.

    Raises:
        torch.OutOfMemoryError: the device has no room for one single text.
    """
    texts = [one.prompt + one.text for one in asked]
    found = dict[int, tuple[float, ...]]()

    def work(places: list[int]) -> None:
        ids, mask = padded([texts[place] for place in places], model.device)
        logits = cast("Tensor", model(ids, attention_mask=mask, use_cache=False).logits)
        for place, own, tokens in zip(places, logits, ids, strict=True):
            found[place] = _own(own, tokens, asked[place])

    vocabulary = int(model.config.get_text_config().vocab_size)
    longest_first([len(text) for text in texts], min(TOKENS, LOGITS // vocabulary), work)
    return [found[place] for place in range(len(asked))]


def _own(logits: Tensor, tokens: Tensor, asked: Scored) -> tuple[float, ...]:
    start, stop = len(asked.prompt), len(asked.prompt) + len(asked.text)
    scores = logits[start - 1 : stop - 1].float().log_softmax(dim=-1)
    return tuple(scores.gather(1, tokens[start:stop].unsqueeze(1)).squeeze(1).tolist())
