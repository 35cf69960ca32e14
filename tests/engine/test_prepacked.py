"""Linear layers with weights laid out beforehand: the same products, sooner."""

import pytest
import torch
from torch.nn import Linear
from transformers import PreTrainedModel

from tgc.engine.forward import prepacked
from tgc.engine.forward.prepacked import Prepacked

SEVERAL = (4, 7, 48, 300)


@torch.inference_mode()
def test_the_layers_of_a_model_give_what_they_gave(llama: PreTrainedModel) -> None:
    layers = [layer for layer in llama.modules() if isinstance(layer, Linear)]
    asked = [torch.randn(1, 12, layer.in_features, dtype=layer.weight.dtype) for layer in layers]
    before = [layer(rows) for layer, rows in zip(layers, asked, strict=True)]
    with Prepacked(llama).at_hand():
        packed = [layer(rows) for layer, rows in zip(layers, asked, strict=True)]
        assert all("forward" in vars(layer) for layer in layers)
    torch.testing.assert_close(packed, before)
    assert not any("forward" in vars(layer) for layer in layers)


@torch.inference_mode()
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_row_is_rounded_the_same_whatever_the_others_are(
    dtype: torch.dtype, llama: PreTrainedModel
) -> None:
    llama = type(llama)(llama.config)
    torch.nn.Module.to(llama, dtype)
    layer = next(layer for layer in llama.modules() if isinstance(layer, Linear))
    asked = torch.randn(max(SEVERAL), layer.in_features, dtype=dtype)
    with Prepacked(llama).at_hand():
        everything = layer(asked)
        assert all(torch.equal(layer(asked[:count]), everything[:count]) for count in SEVERAL)


def test_no_copy_is_made_of_weights_that_take_too_much_of_the_memory(
    llama: PreTrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepacked, "SHARE", 1 << 40)
    with Prepacked(llama).at_hand():
        assert not any("forward" in vars(layer) for layer in llama.modules())
