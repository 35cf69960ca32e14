"""vLLM, where it is installed and has a GPU; it brings a model of its own, of the same shape."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import torch

from benchmarks.engine.contender import Contender

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.engine.contender import Answers, Run
    from benchmarks.engine.shapes import Causal
    from benchmarks.engine.workloads import Workload


def absence() -> str | None:
    """Why vLLM does not take part; None where it does."""
    if find_spec("vllm") is None:
        return "vLLM is not installed"
    return None if torch.cuda.is_available() else "vLLM is installed, but there is no GPU for it"


def vllm(rows: int) -> Contender:
    """Prefix caching on, as is its default; a third of the GPU, for our model is on it as well."""

    @contextmanager
    def opened(model: Causal, workload: Workload) -> Iterator[Run]:
        from vllm import LLM  # type: ignore[import-not-found]

        with tempfile.TemporaryDirectory() as folder:
            model.config.save_pretrained(folder)
            engine = LLM(
                model=folder,
                load_format="dummy",
                skip_tokenizer_init=True,
                dtype=str(model.dtype).removeprefix("torch."),
                max_num_seqs=rows,
                max_model_len=workload.longest,
                gpu_memory_utilization=0.35,
            )
            yield lambda asked: _answers(engine, asked)

    return Contender(f"vLLM, {rows} rows", "vllm", rows, opened)


def _answers(engine: object, workload: Workload) -> Answers:
    from vllm import SamplingParams

    prompts = [{"prompt_token_ids": list(request.prompt)} for request in workload.requests]
    limits = [
        SamplingParams(temperature=1.0, max_tokens=request.new, ignore_eos=True, detokenize=False, seed=index)
        for index, request in enumerate(workload.requests)
    ]
    outputs = engine.generate(prompts, limits, use_tqdm=False)  # type: ignore[attr-defined]
    return [output.outputs[0].token_ids for output in outputs]
