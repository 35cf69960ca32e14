"""Noise that is a function of (seed, position, token): no generator, no state, any order, any batch.

Adding Gumbel variables to logits and taking the argmax draws from their softmax (the Gumbel-max trick,
arXiv 1411.0030).
"""

from itertools import repeat

import torch
from torch import Tensor

BLOCK = 1 << 17
"""Elements hashed at once on a CPU: they stay in cache, which is worth a factor of five."""


def gumbel(seeds: Tensor, positions: Tensor, tokens: Tensor) -> Tensor:
    """Standard Gumbel noise, float32 of shape (rows, width), finite everywhere.

    Args:
        seeds: int64 of shape (rows,).
        positions: int64 of shape (rows,); how many tokens a row has drawn before this one.
        tokens: ids of shape (rows, width), or (1, width) where every row weighs the same tokens.
    """
    states = _rows(seeds, positions)
    words = _scramble(tokens.to(torch.int32))
    height = max(1, BLOCK // tokens.shape[1]) if tokens.device.type == "cpu" else len(states)
    blocks = torch.split(words, height) if len(words) > 1 else repeat(words)
    pairs = zip(torch.split(states, height), blocks, strict=False)
    return torch.cat([_warp(_finish(state, block)) for state, block in pairs])


def uniform(seeds: Tensor, positions: Tensor, purpose: int) -> Tensor:
    """Whole numbers below 2³², int64 of shape (rows,), of which every `purpose` has its own.

    Args:
        seeds: int64 of shape (rows,).
        positions: int64 of shape (rows,).
        purpose: below 0, as no token id is.
    """
    words = murmur3(seeds, positions, torch.full((1, 1), purpose, device=seeds.device))
    return words.squeeze(1).to(torch.int64) & 0xFFFFFFFF


def murmur3(seeds: Tensor, positions: Tensor, tokens: Tensor) -> Tensor:
    """Murmur3_x86_32 of `struct.pack("<qII", seed, position, token)` as int32 bits, elementwise."""
    return _finish(_rows(seeds, positions), _scramble(tokens.to(torch.int32)))


def _rows(seeds: Tensor, positions: Tensor) -> Tensor:
    """The hash's state after the words that all tokens of a row share: int32 of shape (rows, 1)."""
    words = seeds.view(torch.int32).view(-1, 2)
    low, high = words[:, :1], words[:, 1:]
    state = torch.zeros_like(low)
    for word in (low, high, positions.to(torch.int32).unsqueeze(1)):
        state = _absorb(state, _scramble(word))
    return state


def _scramble(word: Tensor) -> Tensor:
    """What of a word's absorption needs no state, so that it is done once for all rows."""
    return _rotate(word * _signed(0xCC9E2D51), 15).mul_(0x1B873593)


def _absorb(state: Tensor, scrambled: Tensor) -> Tensor:
    return _rotate(state ^ scrambled, 13).mul_(5).add_(_signed(0xE6546B64))


def _finish(state: Tensor, scrambled: Tensor) -> Tensor:
    bits = _absorb(state, scrambled).bitwise_xor_(16)  # the length in bytes
    bits ^= _shift(bits, 16)
    bits *= _signed(0x85EBCA6B)
    bits ^= _shift(bits, 13)
    bits *= _signed(0xC2B2AE35)
    bits ^= _shift(bits, 16)
    return bits


def _warp(bits: Tensor) -> Tensor:
    """-log(-log1p(-u)) with u = (bits + ½)/2³², precise where noise is large, which is near u = 0.

    -log(-log(u)) would need that precision near u = 1, where float32 has none: there u rounds to 1, the noise
    to infinity, and a random token is drawn about once per 2²⁴ ids looked at.
    """
    u = bits.view(torch.uint32).float().add_(0.5).mul_(2.0**-32)
    return u.clamp_(max=1 - 2.0**-24).neg_().log1p_().neg_().log_().neg_()


def _rotate(words: Tensor, by: int) -> Tensor:
    return (words << by).bitwise_or_(_shift(words, 32 - by))


def _shift(words: Tensor, by: int) -> Tensor:
    """A logical right shift: torch's keeps the sign."""
    return (words >> by).bitwise_and_((1 << (32 - by)) - 1)


def _signed(word: int) -> int:
    return word - (1 << 32) if word >= 1 << 31 else word
