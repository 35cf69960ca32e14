"""What the engine needs of a model; every causal LM of transformers has it."""

from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import GenerationConfig


class Model(Protocol):
    """A causal language model, in evaluation mode, on its device."""

    generation_config: GenerationConfig

    @property
    def device(self) -> torch.device:
        """Where its inputs go."""
        ...

    def generate(self, inputs: Tensor, **options: Any) -> Any:  # noqa: ANN401 - the types of transformers
        """Continue token ids of shape (rows, width)."""
        ...
