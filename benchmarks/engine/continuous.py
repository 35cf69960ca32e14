"""transformers' continuous batching, what `model.generate_batch` is made of."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import fields
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from transformers import ContinuousBatchingConfig

from benchmarks.engine.contender import Contender
from benchmarks.engine.stock import sampling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.engine.contender import Answers, Run
    from benchmarks.engine.shapes import Causal
    from benchmarks.engine.workloads import Workload


def continuous(rows: int, page: int, budget: int, sample: int | None) -> Contender:
    """So many requests at a time, pages of so many tokens, at most `budget` tokens in one forward pass.

    The manager is started and warm before the clock runs; `generate_batch` would start one every time.
    """

    @contextmanager
    def opened(model: Causal, workload: Workload) -> Iterator[Run]:
        config = _config(rows, page, budget, workload.longest)
        with model.continuous_batching_context_manager(
            generation_config=sampling(eos_token_id=-1), continuous_batching_config=config
        ) as manager:
            yield lambda asked: _answers(manager, asked)

    return Contender(f"continuous, {rows} rows, page {page}, {budget}", "continuous", rows, opened, sample)


def _config(rows: int, page: int, budget: int, longest: int) -> ContinuousBatchingConfig:
    """Room for all rows at full length and half as much again, so that nobody waits for a page."""
    known = {field.name for field in fields(ContinuousBatchingConfig)}
    named: dict[str, Any] = {
        ("page_size" if "page_size" in known else "block_size"): page,  # as it was called until 5.17
        "num_blocks": rows * (longest // page + 1) * 3 // 2,
        "max_batch_tokens": budget,
        "max_requests_per_batch": rows,
        "auto_switch_to_flash": find_spec("flash_attn") is not None,  # else it looks for kernels on a hub
        "seed": 7,
    }
    return ContinuousBatchingConfig(**{name: value for name, value in named.items() if name in known})


def _answers(manager: Any, workload: Workload) -> Answers:  # noqa: ANN401 - of a module that is not public
    """The answers in the order of the requests.

    Raises:
        RuntimeError: the manager gave up.
    """
    names = [manager.add_request(list(one.prompt), max_new_tokens=one.new) for one in workload.requests]
    answers: dict[str, list[int]] = {}
    while len(answers) < len(names):
        result = manager.get_result(timeout=1)
        if result is None and not manager.is_running():
            raise RuntimeError("the manager stopped")
        if result is not None and result.error:
            raise RuntimeError(result.error)
        if result is not None and result.is_finished():
            answers[result.request_id] = result.generated_tokens
    return [answers[name] for name in names]
