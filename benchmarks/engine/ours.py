"""tgc's own engine.

It is told the limit of an answer, not its length: as with real texts, it learns that when the answer ends.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from inspect import signature
from random import Random
from typing import TYPE_CHECKING, Any

from benchmarks.engine.contender import Contender
from benchmarks.engine.workloads import TURN
from tgc.engine.drawing.sequence import Sequence
from tgc.engine.engine import Engine
from tgc.sampling import Sampling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.engine.contender import Answers, Run
    from benchmarks.engine.shapes import Causal
    from benchmarks.engine.workloads import Workload


def modes(rows: int) -> list[Contender]:
    """The engine in every mode that it has."""
    if "exact" not in signature(Engine).parameters:
        return [_contender(f"tgc, {rows} rows", rows)]
    return [
        _contender(f"tgc exact, {rows} rows", rows, exact=True),
        _contender(f"tgc fast, {rows} rows", rows, exact=False),
    ]


def engine(model: Causal, rows: int, **mode: bool) -> Engine:
    """One that knows where turns begin, if that is of use to it."""
    known = signature(Engine).parameters
    told: dict[str, Any] = {"controls": frozenset({TURN})} if "controls" in known else {}
    return Engine(model, 0, rows, **told, **mode)


def sequences(workload: Workload) -> list[Sequence]:
    """The requests as the engine takes them, each with a seed of its own."""
    dice = Random(workload.name)
    return [
        Sequence(
            key=f"{index}",
            prompt=request.prompt,
            sampling=Sampling(),
            seed=dice.getrandbits(63),
            max_tokens=workload.limit,
            stops=partial(_long_enough, request.new),
        )
        for index, request in enumerate(workload.requests)
    ]


def _contender(name: str, rows: int, **mode: bool) -> Contender:
    @contextmanager
    def opened(model: Causal, _: Workload) -> Iterator[Run]:
        yield partial(_answers, engine(model, rows, **mode))

    return Contender(name, "tgc", rows, opened)


def _answers(opened: Engine, workload: Workload) -> Answers:
    return [output.tokens for output in opened.run(sequences(workload))]


def _long_enough(new: int, drawn: list[int]) -> bool:
    return len(drawn) == new
