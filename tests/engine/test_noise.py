"""Noise is Murmur3 turned into Gumbel variables."""

import struct

import numpy as np
import pytest
import torch

from tgc.engine.drawing.noise import gumbel, murmur3, uniform

MASK = 0xFFFFFFFF


def rotate(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & MASK


def reference(data: bytes, seed: int = 0) -> int:
    """Murmur3_x86_32 of whole words, as Austin Appleby wrote it."""
    state = seed
    for (word,) in struct.iter_unpack("<I", data):
        mixed = rotate(word * 0xCC9E2D51 & MASK, 15) * 0x1B873593 & MASK
        state = (rotate(state ^ mixed, 13) * 5 + 0xE6546B64) & MASK
    state ^= len(data)
    state = (state ^ state >> 16) * 0x85EBCA6B & MASK
    state = (state ^ state >> 13) * 0xC2B2AE35 & MASK
    return state ^ state >> 16


def draw(width: int, rows: int = 1, position: int = 0) -> torch.Tensor:
    seeds = torch.arange(rows) + 7
    return gumbel(seeds, torch.full_like(seeds, position), torch.arange(width).unsqueeze(0))


@pytest.mark.parametrize(
    ("data", "seed", "expected"),
    [(b"", 1, 0x514E28B7), (b"test", 0, 0xBA6BD213), (b"test", 0x9747B28C, 0x704B81DC)],
)
def test_the_reference_knows_the_published_vectors(data: bytes, seed: int, expected: int) -> None:
    assert reference(data, seed) == expected


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**62 + 12345, 2**63 - 1])
@pytest.mark.parametrize("position", [0, 5, 4095])
def test_the_hash_is_murmur3_of_seed_position_and_token(seed: int, position: int) -> None:
    tokens = torch.tensor([[0, 1, 2559, 131071, 2**31 - 1]])
    bits = murmur3(torch.tensor([seed]), torch.tensor([position]), tokens).numpy().view(np.uint32)
    assert bits.tolist() == [
        [reference(struct.pack("<qII", seed, position, token)) for token in tokens[0].tolist()]
    ]


def test_noise_has_the_mean_and_variance_of_a_gumbel_variable() -> None:
    noise = draw(1 << 20).double()
    assert noise.mean().item() == pytest.approx(0.57722, abs=0.005)
    assert noise.var().item() == pytest.approx(1.64493, abs=0.02)


def test_noise_has_the_tail_of_a_gumbel_variable() -> None:
    noise = draw(1 << 20, rows=4).double()
    for height in (5.0, 8.0, 10.0):
        expected = noise.numel() * -np.expm1(-np.exp(-height))
        assert (noise > height).sum().item() == pytest.approx(expected, abs=5 * np.sqrt(expected))


def test_noise_is_finite_for_every_extreme_of_the_hash() -> None:
    from tgc.engine.drawing.noise import warp

    bits = torch.tensor([0, 1, 2**31 - 1, -(2**31), -1], dtype=torch.int32)
    noise = warp(bits)
    assert noise.isfinite().all()
    assert noise[0].item() == pytest.approx(33 * np.log(2), rel=1e-6)
    assert (noise.diff() < 0).sum() >= 3


def test_noise_of_a_token_depends_on_nothing_beside_it() -> None:
    whole = draw(1000, rows=5)
    some = gumbel(torch.tensor([9]), torch.tensor([0]), torch.tensor([[3, 999, 500]]))
    assert torch.equal(some[0], whole[2, [3, 999, 500]])


def test_another_position_is_other_noise() -> None:
    assert not torch.isclose(draw(100), draw(100, position=1)).any()


def test_rows_at_different_positions_have_the_noise_that_each_has_alone() -> None:
    seeds, positions, tokens = (
        torch.tensor([9, 9, 4]),
        torch.tensor([0, 7, 4095]),
        torch.arange(50).unsqueeze(0),
    )
    alone = [gumbel(seeds[[i]], positions[[i]], tokens) for i in range(3)]
    assert torch.equal(gumbel(seeds, positions, tokens), torch.cat(alone))


def test_uniform_numbers_are_even_in_every_sixteenth_and_apart_from_those_for_another_purpose() -> None:
    seeds = torch.arange(1 << 16)
    one, other = (uniform(seeds, torch.zeros_like(seeds), purpose) for purpose in (-1, -2))
    counts = torch.bincount((one >> 28) * 16 + (other >> 28), minlength=256).double()
    assert ((counts - 256) ** 2 / 256).sum() < 255 + 5 * np.sqrt(2 * 255)


def test_uniform_numbers_are_the_hash_of_a_word_that_no_token_has() -> None:
    expected = reference(struct.pack("<qII", 99, 7, 0xFFFFFFFE))
    assert uniform(torch.tensor([99]), torch.tensor([7]), -2).tolist() == [expected]
