"""Texts side by side as models take them that know nothing of a tree."""

from collections.abc import Sequence

import torch
from torch import Tensor


def padded(texts: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Ids and mask of shape (texts, tokens); padded on the right, so that positions count from a first token."""
    width = max(1, *map(len, texts))
    ids = [[*text, *[0] * (width - len(text))] for text in texts]
    mask = [[1] * len(text) + [0] * (width - len(text)) for text in texts]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)
