"""Tables of what was measured: medians, how far runs lie apart, and ratios run by run."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.engine.rooflines import DIALOGUES, SIZES, STATED, limit
from benchmarks.engine.workloads import SHAPES

if TYPE_CHECKING:
    from benchmarks.engine.contender import Contender
    from benchmarks.engine.meter import Figures
    from benchmarks.engine.shapes import Machine
    from benchmarks.engine.workloads import Workload

Rate = Callable[["Figures"], float]


@dataclass(frozen=True, slots=True)
class Results:
    """Runs of every contender on one workload and one model; the n-th of all were made in the n-th round."""

    model: str
    machine: Machine
    workload: Workload
    runs: list[tuple[Contender, list[Figures]]]

    @property
    def gpu(self) -> bool:
        """Whether the time that counts is the wall's; else it is the CPU's."""
        return self.machine.device != "cpu"

    def rates(self, runs: list[Figures]) -> list[float]:
        """Tokens a second, of the clock that counts."""
        return [run.tokens / (run.wall if self.gpu else run.cpu) for run in runs]

    def finished(self) -> list[tuple[Contender, list[Figures]]]:
        """Contenders all of whose runs have figures."""
        return [(who, runs) for who, runs in self.runs if not any(run.failure for run in runs)]

    def best(self, family: str) -> list[float] | None:
        """The rates of the fastest settings of a family; None where none finished."""
        rates = (self.rates(runs) for who, runs in self.finished() if who.family == family)
        return max(rates, key=median, default=None)


def table(results: Results) -> str:
    """A line per contender."""
    lines = [
        _heading(results),
        f"  {'':<34}{'tok/s':>9}{'of CPU':>9}{'apart':>7}{'static':>8}{'contin.':>8}{'outside':>9}{'MiB':>8}",
        *(_line(results, who, runs) for who, runs in results.runs),
        *_rooflines(results),
    ]
    return "\n".join(lines)


LEGEND = """\
tok/s and of CPU: tokens a second of the wall and of the CPU, medians. The one that counts is the CPU's on a CPU
and the wall's on a GPU. apart: (most - least) / median. static, contin.: how many times as fast as the best
settings of generate() in batches and of continuous batching, median of the ratios round by round. outside: share
of time not in the model's forward pass; on a GPU, in which the GPU was idle. MiB: peak beyond the model."""


def machine(threads: int) -> str:
    """What it was measured on, in a line."""
    import torch
    import transformers

    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    libraries = f"torch {torch.__version__}, transformers {transformers.__version__}"
    cores = f"{os.cpu_count()} cores, threads used: {threads}, load {os.getloadavg()[0]:.1f}"
    return f"{_processor()}, {cores}{gpu}; Python {platform.python_version()}, {libraries}"


def _heading(results: Results) -> str:
    machine, workload, shape = results.machine, results.workload, SHAPES[results.workload.name]
    return (
        f"{results.model} {machine.dtype} on {machine.device}, {workload.name}: {shape.why}; "
        f"{len(workload.requests):,} requests, {workload.tokens:,} tokens to make\n"
        f"  prompts to {workload.longest - workload.limit} tokens, answers of {shape.lengths}"
    )


def _line(results: Results, who: Contender, runs: list[Figures]) -> str:
    failures = [run.failure for run in runs if run.failure]
    if failures:
        return f"  {who.name:<34}failed: {failures[0]}"
    rates = results.rates(runs)
    apart = (max(rates) - min(rates)) / median(rates)
    wall, cpu = (
        _middle(runs, lambda run: run.tokens / run.wall),
        _middle(runs, lambda run: run.tokens / run.cpu),
    )
    shares = [run.outside for run in runs if run.outside is not None]
    return (
        f"  {who.name:<34}{wall:>9,.0f}{cpu:>9,.0f}{apart:>7.0%}"
        f"{_ratio(rates, results.best('static')):>8}{_ratio(rates, results.best('continuous')):>8}"
        f"{f'{median(shares):.1%}' if shares else '-':>9}{_middle(runs, lambda run: run.peak) / 2**20:>8,.0f}"
    )


def _middle(runs: Iterable[Figures], of: Rate) -> float:
    return median(of(run) for run in runs)


def _ratio(rates: list[float], others: list[float] | None) -> str:
    if others is None:
        return "-"
    return f"{median(one / other for one, other in zip(rates, others, strict=True)):.2f}"


def _rooflines(results: Results) -> list[str]:
    """Where it is known what the machine could do at best, how near ours comes to it."""
    if results.model not in SIZES or not results.gpu:
        return []
    near = ((who, runs) for who, runs in results.finished() if who.family in {"tgc", "vllm"})
    return [_roofline(results, who, median(results.rates(runs))) for who, runs in near]


def _roofline(results: Results, who: Contender, rate: float) -> str:
    stated, own = STATED[results.model], limit(SIZES[results.model], who.rows, results.workload)
    hours = DIALOGUES / rate / 3600
    return (
        f"  {who.name}: {rate / stated:.0%} of the roofline at 256 rows ({stated:,} tok/s), {rate / own:.0%} of\n"
        f"  this workload's, its prompts included ({own:,.0f}); the paper's {DIALOGUES:,} in {hours:.2f} hours"
    )


def _processor() -> str:
    """The name of the processor; Linux tells it in a file."""
    try:
        with open("/proc/cpuinfo", encoding="ascii") as lines:  # noqa: PTH123
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
