"""Rows compared on a device are those that numpy finds alike, whatever memory the device has."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tgc.cosine import Elsewhere, greedy, repeats
from tgc.cosine.products import Vectors
from tgc.engine.services import products
from tgc.engine.services.products import Held

CPU = torch.device("cpu")


def on(device: torch.device) -> greedy.Keep:
    return partial(Elsewhere, hold=partial(Held, device=device))


def clusters(rows: int, width: int, seed: int) -> Vectors:
    """Rows about a few centres, near enough to each other that cosines of all sizes occur; some are equal."""
    random = np.random.default_rng(seed)
    centres = random.standard_normal((rows // 20 + 1, width))
    noise = random.standard_normal((rows, width)) * random.choice([0, 0.1, 0.3, 1], size=(rows, 1))
    found: Vectors = (centres[random.integers(len(centres), size=rows)] + noise).astype(np.float32)
    found[random.random(rows) < 0.05] = 0
    return found


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 90),
    st.sampled_from([1, 3, 40]),
    st.sampled_from([0.2, 0.7, 0.9, 1.0]),
    st.sampled_from([1, 5, 1_000]),
    st.integers(0, 99),
)
def test_rows_compared_by_torch_repeat_what_they_do_by_numpy(
    rows: int, width: int, threshold: float, step: int, seed: int
) -> None:
    vectors = clusters(rows, width, seed)
    by_numpy = repeats(vectors, threshold)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(greedy, "BLOCK", 7)
        patch.setattr(products, "STEP", step)
        assert repeats(vectors, threshold, keep=on(CPU)).equals(by_numpy)


def test_a_cosine_at_the_threshold_is_told_in_double_precision() -> None:
    random = np.random.default_rng(0)
    first = random.standard_normal((40, 384))
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    other = random.standard_normal((40, 384))
    other -= (other * first).sum(axis=1, keepdims=True) * first
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    cosine = 0.9 + np.linspace(-4e-6, 4e-6, 40)[:, None]
    vectors = np.concatenate([first, cosine * first + np.sqrt(1 - cosine**2) * other]).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(greedy, "BLOCK", 40)
        found = repeats(vectors, 0.9, keep=on(CPU))
    assert found.equals(repeats(vectors, 0.9))
    assert 10 < found.height < 30


def test_a_device_without_room_compares_less_at_a_time_and_at_last_leaves_it_to_a_cpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors, parts, compared = clusters(200, 8, seed=3), [], Held._compared
    exact = repeats(vectors, 0.9)

    def cramped(self: Held, rows: torch.Tensor, kept: torch.Tensor) -> products.Pairs:
        parts.append(len(kept))
        if len(parts) < 6:
            raise torch.OutOfMemoryError
        return compared(self, rows, kept)

    monkeypatch.setattr(greedy, "BLOCK", 50)
    monkeypatch.setattr(products, "STEP", 16)
    monkeypatch.setattr(Held, "_compared", cramped)
    assert repeats(vectors, 0.9, keep=on(CPU)).equals(exact)
    assert parts[:6] == [16, 8, 4, 2, 1, 16]


def test_products_have_all_their_digits_where_fewer_were_asked_for() -> None:
    matmul = torch.backends.cuda.matmul
    before, matmul.fp32_precision = matmul.fp32_precision, "tf32"
    try:
        with products._unrounded():
            assert matmul.fp32_precision == "ieee"
        assert matmul.fp32_precision == "tf32"
    finally:
        matmul.fp32_precision = before


def test_without_a_gpu_there_is_none() -> None:
    assert (products.gpu() is not None) == torch.cuda.is_available()


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["highest", "high"])
@pytest.mark.parametrize("width", [64, 384, 4_096])
def test_a_gpu_finds_what_numpy_finds(width: int, precision: str) -> None:
    device = products.gpu()
    assert device is not None
    vectors = clusters(20_000, width, seed=1)
    torch.set_float32_matmul_precision(precision)
    try:
        assert repeats(vectors, 0.9, keep=on(device)).equals(repeats(vectors, 0.9))
    finally:
        torch.set_float32_matmul_precision("highest")
