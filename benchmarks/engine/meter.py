"""What one run costs: seconds of the wall and of the CPU, memory at its peak, and time spent outside the model."""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from benchmarks.engine.shapes import as_new

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.engine.contender import Answers, Contender, Run
    from benchmarks.engine.shapes import Causal
    from benchmarks.engine.workloads import Workload


@dataclass(frozen=True, slots=True)
class Figures:
    """One run of one contender.

    Attributes:
        tokens: asked for and made; what a batch makes beyond them does not count.
        peak: bytes at most beyond those of the model.
        outside: share of the CPU's time that was not spent in the model's forward pass; of a run on a GPU,
            share of the time in which the GPU had nothing to do. None where it was not measured.
        failure: why there are no figures.
    """

    tokens: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    outside: float | None = None
    failure: str | None = None


def measured(contender: Contender, model: Causal, workload: Workload) -> Figures:
    """Figures of a run; of one that fails the reason, so that it does not take those of the others with it."""
    try:
        return _measured(contender, model, workload.first(contender.sample or len(workload.requests)))
    except Exception as error:  # noqa: BLE001 - whatever another library raises
        return Figures(failure=f"{type(error).__name__}: {error}".splitlines()[0])
    finally:
        _swept(as_new(model))


def _measured(contender: Contender, model: Causal, workload: Workload) -> Figures:
    before = _memory_from_here(model.device)
    with _stopwatch(model) as inside, contender.opened(model, workload) as run:
        _checked(workload.warm_up(contender.rows), run)
        inside.seconds, wall, cpu = 0.0, time.perf_counter(), time.process_time()
        _checked(workload, run)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = _peak(model.device) - before
        on_gpu = model.device.type == "cuda"
        outside = _idle(workload.first(contender.rows), run) if on_gpu else 1 - inside.seconds / cpu
    return Figures(workload.tokens, wall, cpu, peak, outside)


def _checked(workload: Workload, run: Run) -> None:
    """Run, and hold the answers against what was asked.

    Raises:
        ValueError: an answer is longer or shorter.
    """
    answers: Answers = run(workload)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    wrong = [index for index, one in enumerate(workload.requests) if len(answers[index]) != one.new]
    if wrong or len(answers) != len(workload.requests):
        raise ValueError(f"{len(wrong)} of {len(workload.requests)} answers are not as long as asked")


@dataclass(slots=True)
class _Stopwatch:
    seconds: float = 0.0


@contextmanager
def _stopwatch(model: Causal) -> Iterator[_Stopwatch]:
    """Adds up the CPU's time in `model.forward`, whoever calls it."""
    watch, forward = _Stopwatch(), model.forward

    @wraps(forward)
    def timed(*inputs: object, **named: object) -> object:
        start = time.process_time()
        try:
            return forward(*inputs, **named)
        finally:
            watch.seconds += time.process_time() - start

    model.forward = timed
    try:
        yield watch
    finally:
        del model.forward


def _idle(workload: Workload, run: Run) -> float:
    """Share of a run in which no kernel was at work; the profiler's own time makes it look a little larger."""
    from torch._C._autograd import DeviceType
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA]) as profiler:
        start = time.perf_counter()
        _checked(workload, run)
        seconds = time.perf_counter() - start
    kernels = (event for event in profiler.events() or () if event.device_type == DeviceType.CUDA)
    busy: float = sum(event.self_device_time_total for event in kernels) / 1e6
    return max(0.0, 1 - busy / seconds)


def _memory_from_here(device: torch.device) -> int:
    """Forget the peak so far; bytes in use now."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return torch.cuda.memory_allocated(device)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return resident("VmRSS")


def _peak(device: torch.device) -> int:
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else resident("VmHWM")


def _swept(model: Causal) -> None:
    """Give back what the run left, so that the next does not inherit it."""
    gc.collect()
    if model.device.type == "cuda":
        torch.cuda.empty_cache()
    elif sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


def resident(what: str) -> int:
    """Bytes of this process by a name in Linux's `/proc/self/status`: `VmRSS` now, `VmHWM` at most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))
