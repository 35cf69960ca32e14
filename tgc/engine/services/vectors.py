"""Texts as vectors: what the model itself makes of their tokens.

A vector is the mean of the last hidden states over a text's tokens, of length 1; that of a text without tokens is
zeros.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from tgc.engine.batched.padding import padded
from tgc.engine.forward.attention import attending
from tgc.engine.forward.rounding import ROWS
from tgc.engine.services.apart import Apart
from tgc.engine.services.sweep import TOKENS, longest_first

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Text = tuple[int, ...]

Read = Callable[["PreTrainedModel", Sequence[Text]], list[Tensor]]
"""The last hidden states of texts, for each a tensor of shape (tokens, width)."""


@torch.inference_mode()
def vectors(
    model: "PreTrainedModel", texts: Sequence[Text], drives: Callable[[int], bool]
) -> NDArray[np.float32]:
    """The vectors of texts, of shape (len(texts), width); what is said twice is read once.

    Args:
        model: whose states they are of.
        texts: in tokens.
        drives: whether its attention can be replaced over so many of them.

    Raises:
        torch.OutOfMemoryError: the device has no room for one single text.
    """
    said = [text for text in dict.fromkeys(texts) if text]
    found = _means(model, [text for text in said if drives(len(text))], _packed)
    found |= _means(model, [text for text in said if not drives(len(text))], _beside)
    nothing = np.zeros(_width(model), dtype=np.float32)
    return np.array([found.get(text, nothing) for text in texts], dtype=np.float32).reshape(-1, len(nothing))


def _means(model: "PreTrainedModel", texts: Sequence[Text], read: Read) -> dict[Text, NDArray[np.float32]]:
    found = dict[Text, NDArray[np.float32]]()

    def work(places: list[int]) -> None:
        batch = [texts[place] for place in places]
        for text, states in zip(batch, read(model, batch), strict=True):
            found[text] = normalize(states.float().sum(dim=0), dim=0).cpu().numpy()

    longest_first([len(text) for text in texts], TOKENS, work)
    return found


def _packed(model: "PreTrainedModel", texts: Sequence[Text]) -> list[Tensor]:
    """Texts one after the other: to the last bit on a CPU, none depends on another.

    Only where attention can be replaced.
    """
    lengths = [len(text) for text in texts]
    spare = -sum(lengths) % ROWS
    ids = [*chain.from_iterable(texts), *[0] * spare]
    positions = [*chain.from_iterable(map(range, lengths)), *range(spare)]
    with attending(model, Apart([*lengths, spare])):
        out = model.base_model(
            input_ids=torch.tensor([ids], device=model.device),
            position_ids=torch.tensor([positions], device=model.device),
            use_cache=False,
        )
    states = cast("Tensor", out.last_hidden_state)[0]
    return list(torch.split(states, [*lengths, spare])[:-1])


def _beside(model: "PreTrainedModel", texts: Sequence[Text]) -> list[Tensor]:
    """Texts side by side, filled up to one length: right for any causal LM."""
    ids, mask = padded(texts, model.device)
    states = cast("Tensor", model.base_model(ids, attention_mask=mask, use_cache=False).last_hidden_state)
    return [own[: len(text)] for own, text in zip(states, texts, strict=True)]


def _width(model: "PreTrainedModel") -> int:
    return int(model.config.get_text_config().hidden_size)
