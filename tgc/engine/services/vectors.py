"""Texts as vectors: what the model itself makes of their tokens."""

from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from tgc.engine.batched.padding import padded

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@torch.inference_mode()
def vectors(model: "PreTrainedModel", texts: list[list[int]], batch_size: int) -> NDArray[np.float32]:
    """Unit vectors of shape (len(texts), width): the mean of the last hidden states over a text's tokens.

    A text without tokens becomes zeros.
    """
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    found = np.zeros((len(texts), _width(model)), dtype=np.float32)
    for start in range(0, len(order), batch_size):
        indices = order[start : start + batch_size]
        found[indices] = _embed(model, [texts[index] for index in indices]).cpu().numpy()
    return found


def _embed(model: "PreTrainedModel", texts: list[list[int]]) -> Tensor:
    ids, mask = padded(texts, model.device)
    states = cast("Tensor", model.base_model(ids, attention_mask=mask).last_hidden_state).float()
    return normalize((states * mask.unsqueeze(-1)).sum(dim=1), dim=-1)


def _width(model: "PreTrainedModel") -> int:
    return int(model.config.get_text_config().hidden_size)
