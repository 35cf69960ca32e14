"""Noise that is a function of (seed, position, token): no generator, no state, any order, any batch.

Adding Gumbel variables to logits and taking the argmax draws from their softmax (the Gumbel-max trick,
arXiv 1411.0030).
"""

from collections.abc import Iterator
from itertools import repeat

import torch
from torch import Tensor

BLOCK = 1 << 17
"""Elements worked on at once on a CPU: they stay in cache, which is worth a factor of three and more."""


def gumbel(seeds: Tensor, positions: Tensor, tokens: Tensor) -> Tensor:
    """Standard Gumbel noise, float32 of shape (rows, width), finite everywhere.

    Args:
        seeds: int64 of shape (rows,).
        positions: int64 of shape (rows,); how many tokens a row has drawn before this one.
        tokens: ids of shape (rows, width), or (1, width) where every row weighs the same tokens.
    """
    return torch.cat([warp(bits) for bits in hashed(begun(seeds, positions), scrambled(tokens))])


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
    return finished(begun(seeds, positions), scrambled(tokens))


def hashed(states: Tensor, words: Tensor) -> Iterator[Tensor]:
    """The bits of every word after every state, a few rows after the other.

    Args:
        states: what was `begun`.
        words: what was `scrambled`, of shape (rows, width), or (1, width) for all.
    """
    width = words.shape[1]
    blocks = apart(words, width) if len(words) > 1 else repeat(words)
    for state, block in zip(apart(states, width), blocks, strict=False):
        yield finished(state, block)


def apart(table: Tensor, width: int) -> tuple[Tensor, ...]:
    """A table's rows, as many at a time as are best worked on at once where that takes so many elements each."""
    height = max(1, BLOCK // width) if table.device.type == "cpu" else max(1, len(table))
    return torch.split(table, height)


def begun(seeds: Tensor, positions: Tensor) -> Tensor:
    """The hash's state after the words that all tokens of a row share: int32 of shape (rows, 1)."""
    words = seeds.view(torch.int32).view(-1, 2)
    low, high = words[:, :1], words[:, 1:]
    state = torch.zeros_like(low)
    for word in (low, high, positions.to(torch.int32).unsqueeze(1)):
        state = _absorb(state, scrambled(word))
    return state


def scrambled(words: Tensor) -> Tensor:
    """What of the absorption of words needs no state, so that it is done once for all rows: int32."""
    return _rotate(words.to(torch.int32) * _signed(0xCC9E2D51), 15).mul_(0x1B873593)


def finished(states: Tensor, words: Tensor) -> Tensor:
    """The hash's bits after its last words, which are scrambled."""
    bits = _absorb(states, words).bitwise_xor_(16)  # the length in bytes
    bits ^= _shift(bits, 16)
    bits *= _signed(0x85EBCA6B)
    bits ^= _shift(bits, 13)
    bits *= _signed(0xC2B2AE35)
    bits ^= _shift(bits, 16)
    return bits


def warp(bits: Tensor) -> Tensor:
    """-log(-log1p(-u)) with u = (bits + ½)/2³², precise where noise is large, which is near u = 0.

    -log(-log(u)) would need that precision near u = 1, where float32 has none: there u rounds to 1, the noise
    to infinity, and a random token is drawn about once per 2²⁴ ids looked at.
    """
    u = bits.view(torch.uint32).float().add_(0.5).mul_(2.0**-32)
    return u.clamp_(max=1 - 2.0**-24).neg_().log1p_().neg_().log_().neg_()


def _absorb(state: Tensor, scrambled: Tensor) -> Tensor:
    return _rotate(state ^ scrambled, 13).mul_(5).add_(_signed(0xE6546B64))


def _rotate(words: Tensor, by: int) -> Tensor:
    return _shift(words, 32 - by).bitwise_or_(words << by)


def _shift(words: Tensor, by: int) -> Tensor:
    """A logical right shift: torch's keeps the sign."""
    return (words >> by).bitwise_and_((1 << (32 - by)) - 1)


def _signed(word: int) -> int:
    return word - (1 << 32) if word >= 1 << 31 else word
