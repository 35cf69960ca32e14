"""How likely a model finds texts that are there already."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from tgc.engine.batched.padding import padded
from tgc.engine.drawing import sequence
from tgc.engine.drawing.choices import options
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
def read(model: "PreTrainedModel", asked: Sequence[Scored], rows: int) -> list[tuple[float, ...]]:
    """The log-probability of every token of each text, at most `rows` side by side: right for any causal LM."""
    found = dict[int, tuple[float, ...]]()
    for batch in _batches(model, asked, rows):
        ids, mask = padded([asked[index].prompt + asked[index].text for index in batch], model.device)
        logits = cast("Tensor", model(ids, attention_mask=mask, use_cache=False).logits)
        for index, own, tokens in zip(batch, logits, ids, strict=True):
            found[index] = _own(own, tokens, asked[index])
    return [found[index] for index in range(len(asked))]


def _batches(model: "PreTrainedModel", asked: Sequence[Scored], rows: int) -> Iterator[list[int]]:
    """What is about as long side by side, and no more than there is room for."""
    vocabulary = int(model.config.get_text_config().vocab_size)
    lengths = [len(one.prompt) + len(one.text) for one in asked]
    rest = sorted(range(len(asked)), key=lengths.__getitem__, reverse=True)
    while rest:
        height = max(1, min(rows, LOGITS // (lengths[rest[0]] * vocabulary)))
        yield rest[:height]
        del rest[:height]


def _own(logits: Tensor, tokens: Tensor, asked: Scored) -> tuple[float, ...]:
    start, stop = len(asked.prompt), len(asked.prompt) + len(asked.text)
    scores = logits[start - 1 : stop - 1].float().log_softmax(dim=-1)
    return tuple(scores.gather(1, tokens[start:stop].unsqueeze(1)).squeeze(1).tolist())
