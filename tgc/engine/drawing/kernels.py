"""The search for tokens that may be drawn, compiled by numba (`tgc[fast]`): each is looked at once, in a cache.

Whole numbers are kept to 32 bits by hand, for numba widens them.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from tgc.engine.drawing.ceiling import GAP, ROUNDING, SLOPE

BLOCK = 512
"""Tokens taken at once; the highest ceiling of every so manieth is known, and the others are looked at again."""

Floats = NDArray[np.float32]
Words = NDArray[np.uint32]
Places = NDArray[np.int64]

_Loop = TypeVar("_Loop", bound=Callable[..., object])


def _compiled(loop: _Loop) -> _Loop:
    """The function as machine code, which is kept on disk where that can be written."""
    try:
        return cast("_Loop", njit(nogil=True, cache=True)(loop))
    except RuntimeError:  # numba finds no folder for it
        return cast("_Loop", njit(nogil=True)(loop))


@_compiled
def contenders(scores: Floats, states: Words, words: Words) -> Places:
    """Where a sum may be the highest of its row, counted through all rows, which are in order.

    Args:
        scores: of shape (rows, width), none of them NaN.
        states: of the hash, one a row.
        words: scrambled tokens, of shape (rows, width) or (1, width).
    """
    rows, width = scores.shape
    found, count = np.empty(rows * width, dtype=np.int64), 0
    ceilings, highest = np.empty(width, dtype=np.float32), np.empty(BLOCK, dtype=np.float32)
    for row in range(rows):
        _raise(scores[row], states[row], words[row % len(words)], ceilings, highest)
        count = _collect(ceilings, highest, _floor(highest), row * width, found, count)
    return found[:count].copy()


@_compiled
def _raise(scores: Floats, state: np.uint32, words: Words, ceilings: Floats, highest: Floats) -> None:
    """Fill in what each score comes to at most, and the highest of every lane."""
    hashes = np.empty(BLOCK, dtype=np.float32)
    highest[:] = -np.inf
    for start in range(0, len(scores), BLOCK):
        own = ceilings[start : start + BLOCK]
        _lift(scores[start : start + BLOCK], state, words[start : start + BLOCK], hashes, own)
        for lane in range(len(own)):
            highest[lane] = max(highest[lane], own[lane])


@_compiled
def _lift(scores: Floats, state: np.uint32, words: Words, hashes: Floats, ceilings: Floats) -> None:
    """Fill in what each score comes to at most: `ceiling.ceilings`."""
    for index in range(len(words)):
        hashes[index] = np.float32(_finish(state, words[index])) + np.float32(0.5)
    logarithms = hashes.view(np.int32)
    for index in range(len(words)):
        ceilings[index] = scores[index] - np.float32(SLOPE) * np.float32(logarithms[index])


@_compiled
def _floor(highest: Floats) -> np.float32:
    """What a ceiling must reach: `ceiling.contend`."""
    most = highest[0]
    for each in highest:
        most = max(most, each)
    return np.float32(most - np.float32(GAP) - np.float32(ROUNDING) * abs(most))


@_compiled
def _collect(
    ceilings: Floats, highest: Floats, floor: np.float32, first: int, found: Places, count: int
) -> int:
    """Append where ceilings reach the floor, lane by lane; how many there are now."""
    for lane in range(len(highest)):
        if not highest[lane] < floor:
            for index in range(lane, len(ceilings), BLOCK):
                if not ceilings[index] < floor:
                    found[count] = first + index
                    count += 1
    return count


@_compiled
def _finish(state: np.uint32, word: np.uint32) -> np.uint32:
    """The hash of a row's state and a scrambled token: what `noise.hashed` does."""
    bits = np.uint32(state ^ word)
    bits = np.uint32((bits << np.uint32(13)) | (bits >> np.uint32(19)))
    bits = np.uint32(np.uint32(bits * np.uint32(5)) + np.uint32(0xE6546B64))
    bits = np.uint32(bits ^ np.uint32(16))
    bits = np.uint32(np.uint32(bits ^ (bits >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    bits = np.uint32(np.uint32(bits ^ (bits >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(bits ^ (bits >> np.uint32(16)))
