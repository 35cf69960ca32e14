"""Who takes part, and in which settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.engine.continuous import continuous
from benchmarks.engine.ours import modes
from benchmarks.engine.stock import alone, expanded, static
from benchmarks.engine.with_vllm import absence, vllm

if TYPE_CHECKING:
    from benchmarks.engine.contender import Contender


def contenders(rows: int, *, gpu: bool) -> list[Contender]:
    """All that can run here, ours with so many rows; on a GPU the slow ones answer a part of the requests."""
    return [*(_on_gpu() if gpu else _on_cpu()), *modes(rows), *([] if absence() else [vllm(rows)])]


def _on_cpu() -> list[Contender]:
    return [
        alone(4),
        *(static(size, None) for size in (16, 48)),
        *(expanded(size, None) for size in (16,)),
        *(continuous(rows, page, 512, None) for rows, page in ((8, 20), (16, 20), (16, 64), (48, 20))),
    ]


def _on_gpu() -> list[Contender]:
    return [
        alone(4),
        *(static(size, 2 * size) for size in (32, 128, 256)),
        *(expanded(size, 4 * size) for size in (32,)),
        *(
            continuous(rows, page, 2048, 3 * rows)
            for rows, page in ((32, 32), (64, 32), (128, 32), (256, 32))
        ),
    ]
