"""Prompts that were learned: vectors of tokens that no text has, whose ids go before every prompt."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import PreTrainedModel

KINDS = ("PROMPT_TUNING", "P_TUNING")
"""What peft calls adapters that are vectors before a prompt; it saves both kinds as it uses them."""

SAVED = "prompt_embeddings"


class Embedding(nn.Module):
    """What `words` makes of its ids, and a vector for each id that follows; the output head knows none of those.

    Args:
        words: makes vectors of the ids of a vocabulary.
        learned: vectors of shape (tokens, width), used as they are.
        first: the id of the first of them.
    """

    def __init__(self, words: nn.Module, learned: Tensor, first: int) -> None:
        super().__init__()
        self.words = words
        self.learned = nn.Parameter(learned, requires_grad=False)
        self.first = first

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors of shape (*ids, width)."""
        known = self.words(ids.clamp(max=self.first - 1))
        own = self.learned[(ids - self.first).clamp(min=0)]
        return torch.where((ids >= self.first).unsqueeze(-1), own, known)


def read(weights: Path, count: int) -> Tensor:
    """The vectors of a file, of shape (count, width).

    Raises:
        ValueError: it holds something else.
    """
    tensors = load_file(weights)
    learned = tensors.pop(SAVED, torch.empty(0))
    if tensors or learned.ndim != 2 or len(learned) != count:  # noqa: PLR2004 - rows and columns
        raise ValueError(f"`{weights.name}` is not {count} vectors by the name `{SAVED}`")
    return learned


def prepend(model: PreTrainedModel, learned: Tensor) -> tuple[int, ...]:
    """The ids to put before every prompt, once the model knows their vectors, of shape (tokens, width).

    Raises:
        ValueError: the model looks ids up in more than one place, or in vectors of another width.
    """
    words = model.get_input_embeddings()
    if not isinstance(words, nn.Embedding) or _looks_up_more(model):
        raise ValueError(f"a model of the type `{model.config.model_type}` looks tokens up in every layer")
    width, ours = learned.shape[1], words.embedding_dim
    if width != ours:
        raise ValueError(f"its vectors have a width of {width}, those of the model one of {ours}")
    first = words.num_embeddings
    model.set_input_embeddings(Embedding(words, learned.to(words.weight), first))
    return tuple(range(first, first + len(learned)))


def _looks_up_more(model: PreTrainedModel) -> bool:
    """Whether layers have embeddings of tokens beside those of the input, as Gemma 3n's."""
    return bool(getattr(model.config.get_text_config(), "vocab_size_per_layer_input", 0))
