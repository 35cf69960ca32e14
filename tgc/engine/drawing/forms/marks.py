"""Sets of tokens, a bit each: bit `token % 8` of byte `token // 8`."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def marked(tokens: Iterable[int], width: int) -> NDArray[np.uint8]:
    """The set of those tokens that have a bit in `width` bytes.

    >>> marked({0, 9, 16}, 2).tolist()
    [1, 2]
    """
    bits = np.zeros(width, dtype=np.uint8)
    for token in tokens:
        if token < 8 * width:
            bits[token // 8] |= np.uint8(1 << token % 8)
    return bits
