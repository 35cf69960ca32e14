"""How fast trees are generated, next to what transformers and vLLM offer: `python benchmarks/engine/speed.py`.

One process, all contenders in turn in every round, in an order that moves on; medians over the rounds. Every
answer has exactly the length asked, and tokens made beyond it do not count. Setting up and a warm-up are not
timed. On a GPU: `--device cuda`. To see whether all of it runs, in less than a minute: `--quick`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # so that the file runs as a script from anywhere

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.engine.contender import Contender
    from benchmarks.engine.meter import Figures
    from benchmarks.engine.report import Results
    from benchmarks.engine.shapes import Causal
    from benchmarks.engine.workloads import Workload

MODELS = ("tiny", "qwen3-33m", "llama-100m", "llama2-7b", "qwen2.5-7b")
WORKLOADS = ("balance", "unique", "wide", "topics", "limit")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is measured."""

    device: str
    models: tuple[str, ...]
    dtypes: tuple[str, ...]
    workloads: tuple[str, ...]
    requests: int
    rows: int
    rounds: int
    only: str


ON_CPU = Settings("cpu", ("qwen3-33m",), ("bfloat16", "float32"), WORKLOADS[:4], 96, 48, 3, "")
ON_GPU = Settings("cuda", ("llama2-7b", "qwen2.5-7b"), ("bfloat16",), WORKLOADS, 1024, 256, 3, "")
QUICK = Settings("cpu", ("tiny",), ("float32",), ("balance", "unique", "topics"), 16, 16, 1, "")


def main() -> None:
    """Measure what was asked, print a table per model, format and workload, and keep every figure if asked to."""
    given, settings = arguments()
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin slow down those that work
    import torch

    from benchmarks.engine import report, with_vllm

    torch.set_num_threads(given.threads)
    print(report.machine(given.threads))
    print(report.LEGEND)
    if absence := with_vllm.absence():
        print(absence)
    everything = []
    for results in measured(settings):
        print(f"\n{report.table(results)}", flush=True)
        everything.append(results)
        if given.json:
            given.json.write_text(json.dumps(listed(everything), indent=1) + "\n", encoding="utf-8")
    print(f"\nload at the end {os.getloadavg()[0]:.1f}")
    sys.exit(any(run.failure for results in everything for _, runs in results.runs for run in runs))


def arguments() -> tuple[argparse.Namespace, Settings]:
    """What the command line says; what it leaves open depends on the device."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--quick", action="store_true", help="a tiny model, once")
    parser.add_argument("--models", nargs="+", choices=MODELS)
    parser.add_argument("--dtypes", nargs="+", choices=("bfloat16", "float32"))
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS)
    parser.add_argument("--requests", type=int, help="of every workload")
    parser.add_argument("--rows", type=int, help="sequences that our engine has in hand at a time")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", help="a pattern that the names of contenders must match")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to keep every figure")
    given = parser.parse_args()
    usual = asdict(QUICK if given.quick else ON_GPU if given.device == "cuda" else ON_CPU)
    said = {name: value for name, value in vars(given).items() if name in usual and value is not None}
    return given, Settings(**{**usual, **said})


def measured(settings: Settings) -> Iterator[Results]:
    """Results, one workload after the other."""
    from benchmarks.engine.field import contenders
    from benchmarks.engine.report import Results
    from benchmarks.engine.shapes import Machine, built
    from benchmarks.engine.workloads import workload

    field = contenders(settings.rows, gpu=settings.device == "cuda")
    field = [contender for contender in field if re.search(settings.only, contender.name)]
    for name in settings.models:
        for dtype in settings.dtypes:
            machine = Machine(settings.device, dtype)
            model = built(name, machine)
            for kind in settings.workloads:
                asked = workload(kind, settings.requests, model.config.vocab_size)
                yield Results(name, machine, asked, in_turn(field, model, asked, settings.rounds))
            del model


def in_turn(
    field: list[Contender], model: Causal, asked: Workload, rounds: int
) -> list[tuple[Contender, list[Figures]]]:
    """Every contender's runs; who has failed once is not tried again."""
    from benchmarks.engine.meter import measured as run

    runs: list[tuple[Contender, list[Figures]]] = [(contender, []) for contender in field]
    for first in range(rounds):
        for contender, figures in runs[first % len(runs) :] + runs[: first % len(runs)]:
            if not any(one.failure for one in figures):
                figures.append(run(contender, model, asked))
                print(
                    f"{asked.name}, round {first + 1}, {contender.name}: {said(figures[-1])}", file=sys.stderr
                )
    return runs


def said(figures: Figures) -> str:
    """One run in a few words."""
    if figures.failure:
        return figures.failure
    return f"{figures.tokens:,} tokens in {figures.wall:.1f} s, {figures.cpu:.1f} s of CPU"


def listed(everything: list[Results]) -> list[dict[str, object]]:
    """Every figure of every run, as JSON has it."""
    return [
        {
            "model": results.model,
            "device": results.machine.device,
            "dtype": results.machine.dtype,
            "workload": results.workload.name,
            "requests": len(results.workload.requests),
            "tokens": results.workload.tokens,
            "runs": {who.name: [asdict(run) for run in runs] for who, runs in results.runs},
        }
        for results in everything
    ]


if __name__ == "__main__":
    main()
