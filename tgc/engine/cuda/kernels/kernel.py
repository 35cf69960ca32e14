"""What makes a kernel of a function."""

from collections.abc import Callable
from typing import Any

import triton

Kernel = Any  # Triton has no types


def kernel(function: Callable[..., object]) -> Kernel:
    """A function that is compiled for the GPU when it is first launched, or called by one that is."""
    return triton.jit(function)
