"""`model.generate()` as it comes: one by one, in batches, and in batches that read a parent's path once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import torch
from transformers import DynamicCache, GenerationConfig

from benchmarks.engine.contender import Contender
from benchmarks.engine.workloads import common

if TYPE_CHECKING:
    from benchmarks.engine.contender import Answers, Run
    from benchmarks.engine.shapes import Causal
    from benchmarks.engine.workloads import Request, Workload

Batch = list["Request"]
Generate = Callable[["Causal", Batch], "Answers"]


def alone(sample: int) -> Contender:
    """One prompt after the other."""
    return _contender("generate() one by one", "alone", 1, sample)


def static(size: int, sample: int | None) -> Contender:
    """Batches padded on the left, each of which runs until its longest answer is there."""
    return _contender(f"generate() batches of {size}", "static", size, sample)


def expanded(size: int, sample: int | None) -> Contender:
    """Batches of siblings: what their prompts begin with is read once and copied for every row."""

    @contextmanager
    def opened(model: Causal, _: Workload) -> Iterator[Run]:
        yield lambda workload: _answers(model, _families(workload, size), _after_common)

    return Contender(f"generate() prefix once, {size}", "expanded", size, opened, sample)


def sampling(**limits: int) -> GenerationConfig:
    """Draws from the model's own distribution; nothing ends an answer but its limit."""
    return GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=True, temperature=1.0, top_k=0, top_p=1.0, pad_token_id=0, **limits
    )


def _contender(name: str, family: Literal["alone", "static"], size: int, sample: int | None) -> Contender:
    @contextmanager
    def opened(model: Causal, _: Workload) -> Iterator[Run]:
        yield lambda workload: _answers(model, _chunks(list(workload.requests), size), _from_nothing)

    return Contender(name, family, size, opened, sample)


def _answers(model: Causal, batches: Iterable[Batch], generate: Generate) -> Answers:
    with torch.inference_mode():
        return [answer for batch in batches for answer in generate(model, batch)]


def _families(workload: Workload, size: int) -> Iterator[Batch]:
    """Batches within families; where nobody has a sibling, of all who share the system prompt."""
    families = workload.siblings()
    if len(families) == len(workload.requests):
        families = [list(workload.requests)]
    for family in families:
        yield from _chunks(family, size)


def _chunks(requests: Batch, size: int) -> Iterator[Batch]:
    for start in range(0, len(requests), size):
        yield requests[start : start + size]


def _from_nothing(model: Causal, batch: Batch) -> Answers:
    return _generated(model, batch, 0, None)


def _after_common(model: Causal, batch: Batch) -> Answers:
    """At least the last token of every prompt is left to read: the first of an answer is drawn after it."""
    prompts = [request.prompt for request in batch]
    shared = min(common(prompts), min(map(len, prompts)) - 1)
    cache = DynamicCache(config=model.config)
    model(torch.tensor([prompts[0][:shared]], device=model.device), past_key_values=cache, logits_to_keep=1)
    cache.batch_repeat_interleave(len(batch))
    return _generated(model, batch, shared, cache)


def _generated(model: Causal, batch: Batch, shared: int, cache: DynamicCache | None) -> Answers:
    """Answers to prompts whose first `shared` tokens are in the cache; padding comes right after them."""
    width = max(len(request.prompt) for request in batch)
    rows = [(one.prompt[:shared], width - len(one.prompt), one.prompt[shared:]) for one in batch]
    output = model.generate(  # type: ignore[misc]  # typed for a protocol that no model fulfils
        torch.tensor([(*head, *(0,) * gap, *tail) for head, gap, tail in rows], device=model.device),
        attention_mask=torch.tensor(
            [(1,) * shared + (0,) * gap + (1,) * len(tail) for _, gap, tail in rows], device=model.device
        ),
        generation_config=sampling(max_new_tokens=max(request.new for request in batch)),
        past_key_values=cache,
    )
    return [row[: request.new] for row, request in zip(output[:, width:].tolist(), batch, strict=True)]
