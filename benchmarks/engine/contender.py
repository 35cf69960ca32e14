"""What a contender is: something that opens a model and then answers workloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from benchmarks.engine.shapes import Causal
    from benchmarks.engine.workloads import Workload

Family = Literal["alone", "static", "expanded", "continuous", "tgc", "vllm"]
Answers = list[Sequence[int]]
Run = Callable[["Workload"], Answers]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to generate.

    Attributes:
        name: with its settings.
        family: the ways that differ in settings only; the best of each is what others are held against.
        rows: how many sequences it has in hand at a time.
        opened: sets up what it needs for such a workload, which is not timed; what it yields is.
        sample: how many requests are enough to know its pace; None for all.
    """

    name: str
    family: Family
    rows: int
    opened: Callable[[Causal, Workload], AbstractContextManager[Run]]
    sample: int | None = None
