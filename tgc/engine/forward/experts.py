"""Mixtures of experts in which no token's rounding depends on how many others its experts were given."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.integrations.moe import ALL_EXPERTS_FUNCTIONS, grouped_mm_experts_forward

from tgc.engine.forward.rounding import ROWS

if TYPE_CHECKING:
    from torch.nn import Module

NAME = "tgc"


def experts(module: "Module", states: Tensor, chosen: Tensor, weights: Tensor) -> Tensor:
    """What transformers asks of a mixture, done by its own code beside tokens that nobody reads.

    Args:
        module: the experts of one layer.
        states: of shape (tokens, width).
        chosen: experts by number, of shape (tokens, experts of each).
        weights: how much each counts, of the same shape.
    """
    more = spare(chosen, int(module.num_experts))  # type: ignore[arg-type]
    found: Tensor = grouped_mm_experts_forward(
        module,
        torch.cat([states, states.new_zeros(len(more), states.shape[1])]),
        torch.cat([chosen, more]),
        torch.cat([weights, weights.new_zeros(more.shape)]),
    )
    return found[: len(states)]


def spare(chosen: Tensor, count: int) -> Tensor:
    """The experts of tokens that make the tokens of every expert a multiple of ROWS; as many for each token.

    >>> spare(torch.tensor([[0, 2], [2, 0], [1, 2], [2, 0]]), 3)
    tensor([[0, 1],
            [1, 1]])
    """
    each = chosen.shape[1]
    missing = -torch.bincount(chosen.flatten(), minlength=count) % ROWS
    while missing.sum() % each:
        missing[0] += ROWS
    return torch.arange(count, device=chosen.device).repeat_interleave(missing).view(-1, each)


def round_alike(model: PreTrainedModel) -> None:
    """Have a model's experts work by `experts` from now on, where there are any that can be replaced."""
    ALL_EXPERTS_FUNCTIONS[NAME] = experts
    model.set_experts_implementation(NAME)
