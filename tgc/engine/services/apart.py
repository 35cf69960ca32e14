"""Attention of texts that are packed one after the other and do not see each other."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

if TYPE_CHECKING:
    from torch.nn import Module


class Apart:
    """What transformers asks of an attention function, for texts of these lengths.

    On a CPU a text is attended to by itself, so that its sums do not depend on others; elsewhere, where starting
    is what costs, those of one length together that are next to each other.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        self._lengths = [length for length in lengths if length]

    def __call__(
        self,
        module: "Module",  # noqa: ARG002 - their interface
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Tensor | None,  # noqa: ARG002 - there is none by this name
        scaling: float | None = None,
        **options: object,  # noqa: ARG002 - their interface
    ) -> tuple[Tensor, None]:
        """Heads of shape (1, heads, tokens, width) in, (1, tokens, heads, width) out."""
        scale, grouped = scaling or query.shape[-1] ** -0.5, key.shape[1] != query.shape[1]
        runs = list(_runs(self._lengths, together=query.device.type != "cpu"))
        sizes = [count * length for count, length in runs]
        parts = (torch.split(states[0], sizes, dim=1) for states in (query, key, value))
        found = list[Tensor]()
        for run, *heads in zip(runs, *parts, strict=True):
            asked, known, meant = (part.unflatten(1, run).transpose(0, 1) for part in heads)
            seen = scaled_dot_product_attention(
                asked, known, meant, is_causal=True, scale=scale, enable_gqa=grouped
            )
            found.append(seen.transpose(1, 2).flatten(0, 1))
        return torch.cat(found).unsqueeze(0), None


def _runs(lengths: Sequence[int], *, together: bool) -> Iterator[tuple[int, int]]:
    """How many texts of what length come after each other."""
    for length, same in groupby(lengths):
        count = sum(1 for _ in same)
        yield from [(count, length)] if together else [(1, length)] * count
