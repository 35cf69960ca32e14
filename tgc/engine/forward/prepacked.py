"""Linear layers on a CPU whose weights are laid out beforehand as oneDNN multiplies them.

Otherwise that is done again in every product, which costs an eighth of the time of those of a hundred rows and
half of the time of those of a few (measured). In bfloat16 the products are the same bit for bit; in float32 they
are no longer MKL's, and take from 90 to 50 % of their time.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn import Linear
from transformers import PreTrainedModel

SHARE = 8
"""Weights are laid out where all of them take at most one byte in so many of the machine's memory."""

ROWS = 64
"""How many rows the layout is made for; it serves any other number nearly as well."""

Forward = Callable[[Tensor], Tensor]


class Prepacked:
    """The linear layers of a model, each with a second copy of its weights; none where memory is short."""

    def __init__(self, model: PreTrainedModel) -> None:
        layers = [layer for layer in model.modules() if type(layer) is Linear and _plain(layer)]
        self._forwards = {layer: _forward(layer) for layer in layers} if _fit(layers) else {}

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Have the model multiply by them."""
        for layer, forward in self._forwards.items():
            layer.forward = forward  # type: ignore[assignment, method-assign]
        try:
            yield
        finally:
            for layer in self._forwards:
                del layer.forward


def _plain(layer: Linear) -> bool:
    """Whether it does nothing but multiply, in a format that oneDNN knows on this machine."""
    weight = layer.weight
    if weight.device.type != "cpu" or "forward" in vars(layer) or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()  # noqa: SLF001 - there is no public name for it
    return weight.dtype == torch.float32 or (weight.dtype == torch.bfloat16 and fast)


def _forward(layer: Linear) -> Forward:
    own = torch.ops.mkldnn
    packed, bias = own._reorder_linear_weight(layer.weight.detach(), ROWS), layer.bias  # noqa: SLF001
    return lambda rows: own._linear_pointwise(rows, packed, bias, "none", [], "")  # noqa: SLF001


def _fit(layers: list[Linear]) -> bool:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return sum(layer.weight.nbytes for layer in layers) * SHARE <= memory
