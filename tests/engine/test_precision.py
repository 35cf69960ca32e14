"""The type that a model works in where none is asked for."""

import pytest
import torch

from tgc.engine.loading import precision

BF16, FP16, FP32 = torch.bfloat16, torch.float16, torch.float32


@pytest.mark.parametrize("saved", [BF16, FP16, FP32, None])
def test_a_cpu_works_in_float32_and_mps_in_float16_whatever_was_saved(saved: torch.dtype | None) -> None:
    assert precision.auto("cpu", saved, bfloat16=True) == FP32
    assert precision.auto("mps", saved, bfloat16=True) == FP16


@pytest.mark.parametrize("bfloat16", [True, False])
@pytest.mark.parametrize("saved", [BF16, FP16])
def test_a_gpu_keeps_what_has_16_bits(saved: torch.dtype, *, bfloat16: bool) -> None:
    assert precision.auto("cuda", saved, bfloat16=bfloat16) == saved


@pytest.mark.parametrize("saved", [FP32, torch.float64, torch.float8_e4m3fn, None])
def test_a_gpu_halves_the_rest_as_it_can(saved: torch.dtype | None) -> None:
    assert precision.auto("cuda", saved, bfloat16=True) == BF16
    assert precision.auto("cuda", saved, bfloat16=False) == FP16


def test_a_cpu_is_taken_at_its_word() -> None:
    assert precision.computes_bfloat16(torch.device("cpu"))


@pytest.mark.gpu
def test_a_gpu_says_itself_whether_it_computes_bfloat16() -> None:
    capable = torch.cuda.get_device_capability()[0] >= 8
    assert precision.computes_bfloat16(torch.device("cuda")) == capable
