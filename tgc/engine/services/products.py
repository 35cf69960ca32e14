"""Which of many rows are like others, on a device that multiplies faster than numpy."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

STEP = 1 << 16
"""Kept rows that are compared at a time: with 1,024 others their products take 256 MB."""

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Places of rows, and of kept ones beside them."""


def gpu() -> torch.device | None:
    """The first GPU, if there is one that can be used; those of CUDA or ROCm only."""
    if not torch.cuda.is_available():
        return None
    try:
        return torch.empty(1, device="cuda").device
    except RuntimeError:
        return None


class Held:
    """Rows that are kept on a device, or in memory where the device has no room; they are compared on the device.

    When the device runs out of memory, half as many are compared at a time from then on, and at last they are on a
    CPU. A product is one of single precision wherever it is made.

    Args:
        shape: how many rows will be kept at most, and their width.
        least: the product from which two rows may be alike.
        surely: the product from which they are.
        device: where to compare them.
    """

    def __init__(self, shape: tuple[int, int], least: float, surely: float, device: torch.device) -> None:
        self._least, self._surely, self._device = least, surely, device
        self._kept = _room(shape, device)
        self._count, self._step = 0, STEP

    def add(self, rows: NDArray[np.float32]) -> None:
        """Keep more rows."""
        self._kept[self._count : self._count + len(rows)] = torch.from_numpy(rows)
        self._count += len(rows)

    def like(self, rows: NDArray[np.float32]) -> Iterator[Pairs]:
        """The pairs that may be alike, of a row with each kept one up to the first that surely is; in parts."""
        start = 0
        while start < self._count:
            part = self._kept[start : min(start + self._step, self._count)]
            try:
                one, other = self._compared(torch.from_numpy(rows), part)
            except torch.OutOfMemoryError:
                self._cramp()
            else:
                yield one, other + start
                start += len(part)

    def _cramp(self) -> None:
        self._step //= 2
        if not self._step:
            self._step, self._device, self._kept = STEP, torch.device("cpu"), self._kept.cpu()

    @torch.inference_mode()
    def _compared(self, rows: Tensor, kept: Tensor) -> Pairs:
        with _unrounded():
            products = rows.to(self._device) @ kept.to(self._device).T
        firsts = _first(products >= self._surely)
        places = torch.arange(len(kept), device=self._device)
        found = (products >= self._least).logical_and_(places <= firsts[:, None])
        one, other = found.nonzero(as_tuple=True)
        return one.cpu().numpy(), other.cpu().numpy()


def _first(mask: Tensor) -> Tensor:
    """Of each row the place of the first that is true, or beyond the last one."""
    places = mask.to(torch.uint8).argmax(dim=1)
    return torch.where(mask.any(dim=1), places, mask.shape[1])


def _room(shape: tuple[int, int], device: torch.device) -> Tensor:
    try:
        return torch.empty(shape, dtype=torch.float32, device=device)
    except torch.OutOfMemoryError:
        return torch.empty(shape, dtype=torch.float32)


@contextmanager
def _unrounded() -> Iterator[None]:
    """Factors have all their digits, also where the environment or a program chose TF32."""
    matmul = torch.backends.cuda.matmul
    name, full = ("fp32_precision", "ieee") if hasattr(matmul, "fp32_precision") else ("allow_tf32", False)
    before = getattr(matmul, name)
    setattr(matmul, name, full)
    try:
        yield
    finally:
        setattr(matmul, name, before)
