"""Whether the engine gives back what it should: `python benchmarks/engine/soak.py --minutes 60`.

Grows one random dialogue tree after the other with one engine: every level's prompts are their parents' with an
answer and a new turn after it. Twice the device is said to be out of memory. Prints memory as it goes. Exits with
1 if memory grew between the second and the last quarter of the time, or if at any time anything was left of trees
that had ended but what is remembered of prompts. Linux only.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # so that the file runs as a script from anywhere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.engine.dialogues import Dialogues

GROWTH = 0.02
"""By what share memory may grow: the allocator's fragments come to about a percent."""

SAMPLES = 100
"""How often memory is looked at."""

SHORT = (5, 10)
"""Trees in which memory is said to run out."""


@dataclass(frozen=True, slots=True)
class Sample:
    """After so many seconds: what had been made, bytes in use on the device and of the process, what was left."""

    seconds: float
    trees: int
    tokens: int
    used: int
    resident: int
    left: tuple[str, ...]


def main() -> None:
    """Run, print a line now and then, and say whether memory grew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--dtype", default="float32", choices=("bfloat16", "float32"))
    parser.add_argument("--rows", type=int, default=32)
    given = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch

    from benchmarks.engine.dialogues import CONTEXT, Dialogues
    from benchmarks.engine.shapes import Machine, built
    from benchmarks.engine.workloads import TURN
    from tgc.engine.engine import Engine

    torch.set_num_threads(1)
    model = built(given.model, Machine(given.device, given.dtype))
    engine = Engine(model, 0, given.rows, controls=frozenset({TURN}), context=CONTEXT)
    samples = list[Sample]()
    for sample in soaked(Dialogues(engine, model.config.vocab_size, Random(7)), 60 * given.minutes):
        samples.append(sample)
        print(line(sample), flush=True)
    sys.exit(verdict(samples))


def soaked(dialogues: Dialogues, seconds: float) -> Iterator[Sample]:
    """Grow trees for so long; a sample now and then."""
    start, trees, tokens, due = time.perf_counter(), 0, 0, 0.0
    while (passed := time.perf_counter() - start) < seconds:
        tokens, trees = tokens + dialogues.grow(short=trees in SHORT), trees + 1
        if passed >= due:
            due += seconds / SAMPLES
            yield sampled(passed, trees, tokens)


def sampled(seconds: float, trees: int, tokens: int) -> Sample:
    """What there is now, and of it what should not be."""
    from benchmarks.engine.remains import remains

    return Sample(seconds, trees, tokens, *memory(), tuple(remains()))


def memory() -> tuple[int, int]:
    """Bytes that tensors take on the GPU, or that the process takes where there is none; and of the process."""
    import torch

    from benchmarks.engine.meter import resident

    gc.collect()
    process = resident("VmRSS")
    return (torch.cuda.memory_allocated() if torch.cuda.is_available() else process), process


def line(sample: Sample) -> str:
    """One sample in words."""
    return (
        f"{sample.seconds / 60:>7.1f} min {sample.trees:>8,} trees {sample.tokens:>12,} tokens"
        f" {sample.used / 2**20:>9,.1f} MiB in use {sample.resident / 2**20:>9,.1f} MiB of the process"
        f"  left: {', '.join(sample.left) or 'nothing'}"
    )


def verdict(samples: list[Sample]) -> int:
    """Print how far memory grew, and in how many samples anything was left; 1 where it is too far, or any.

    The first quarter does not count for memory: caches fill, and the allocator learns what is asked of it.
    """
    quarter, failed = max(1, len(samples) // 4), 0
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    for what in ("used", "resident"):
        before, after = (median(getattr(one, what) for one in part) for part in (early, late))
        print(
            f"{what}: {before / 2**20:,.1f} MiB in the second quarter, {after / 2**20:,.1f} MiB in the last"
        )
        failed |= after > before * (1 + GROWTH)
    unclean = sum(bool(sample.left) for sample in samples)
    print(f"something was left in {unclean} of {len(samples)} samples")
    return int(failed or unclean > 0)


if __name__ == "__main__":
    main()
