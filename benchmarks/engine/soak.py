"""Whether the engine keeps what it should give back: `python benchmarks/engine/soak.py --minutes 60`.

Grows one random dialogue tree after the other with one engine: every level's prompts are their parents' with an
answer and a new turn after it. Prints memory as it goes; exits with 1 if it grew between the second and the last
quarter of the time. Linux only.
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

    from tgc.engine.drawing.sequence import Sequence
    from tgc.engine.engine import Engine

GROWTH = 0.02
"""By what share memory may grow: the allocator's fragments come to about a percent."""


@dataclass(frozen=True, slots=True)
class Sample:
    """After so many seconds: what had been made, and bytes in use on the device and of the process."""

    seconds: float
    trees: int
    tokens: int
    used: int
    resident: int


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

    from benchmarks.engine.ours import engine
    from benchmarks.engine.shapes import Machine, built

    torch.set_num_threads(1)
    model = built(given.model, Machine(given.device, given.dtype))
    samples = list[Sample]()
    for sample in soaked(engine(model, given.rows), model.config.vocab_size, 60 * given.minutes):
        if not samples or sample.seconds > samples[-1].seconds + 0.6 * given.minutes:
            samples.append(sample)
            print(line(sample), flush=True)
    sys.exit(verdict(samples))


def soaked(engine: Engine, vocabulary: int, seconds: float) -> Iterator[Sample]:
    """Grow trees for so long; a sample after each."""
    dice, start, trees, tokens = Random(7), time.perf_counter(), 0, 0
    while (passed := time.perf_counter() - start) < seconds:
        tokens, trees = tokens + tree(engine, vocabulary, dice), trees + 1
        yield Sample(passed, trees, tokens, *memory())


def tree(engine: Engine, vocabulary: int, dice: Random) -> int:
    """Grow one tree, two to four levels deep; how many tokens it came to."""
    prompts, made = [turn(vocabulary, dice, 80)], 0
    for level in range(dice.randint(2, 4)):
        asked = [
            sequence(prompt, f"{level} {parent} {child}", vocabulary, dice)
            for parent, prompt in enumerate(prompts)
            for child in range(dice.randint(1, 8))
        ]
        outputs = engine.run(asked)
        if [one.key for one in outputs] != [one.key for one in asked]:
            raise ValueError("the outputs are not those of the sequences")
        made += sum(len(output.tokens) for output in outputs)
        kept = dice.sample(range(len(asked)), min(8, len(asked)))
        prompts = [asked[one].prompt + outputs[one].tokens + turn(vocabulary, dice, 16) for one in kept]
    return made


def sequence(prompt: tuple[int, ...], key: str, vocabulary: int, dice: Random) -> Sequence:
    """A child that ends at one of a few tokens, or at its limit."""
    from tgc.engine.drawing.sequence import Sequence
    from tgc.sampling import Sampling

    ends = frozenset(dice.sample(range(vocabulary), vocabulary // 64))
    sampling = dice.choice((Sampling(), Sampling(0.8, top_k=20), Sampling(top_p=0.9)))
    return Sequence(key, prompt, sampling, dice.getrandbits(63), dice.randint(1, 96), ends)


def turn(vocabulary: int, dice: Random, most: int) -> tuple[int, ...]:
    """A turn of some random words."""
    from benchmarks.engine.workloads import TURN

    return (TURN, *(dice.randrange(2, vocabulary) for _ in range(dice.randint(1, most))))


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
    )


def verdict(samples: list[Sample]) -> int:
    """Print how far memory grew; 1 where it is too far.

    The first quarter does not count: caches fill, and the allocator learns what is asked of it.
    """
    quarter, failed = max(1, len(samples) // 4), 0
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    for what in ("used", "resident"):
        before, after = (median(getattr(one, what) for one in part) for part in (early, late))
        print(
            f"{what}: {before / 2**20:,.1f} MiB in the second quarter, {after / 2**20:,.1f} MiB in the last"
        )
        failed |= after > before * (1 + GROWTH)
    return int(failed)


if __name__ == "__main__":
    main()
