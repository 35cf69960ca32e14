"""One batch through `model.generate()`, which minds the caches, masks and positions of any causal LM.

It is told to take the likeliest token, and a logits processor of ours leaves it one token to take: every draw
is ours, and no random generator is touched. A prompt is read once however many siblings it has, and when half
of the rows have finished, the others go on without them.
"""

from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor
from transformers import Cache, GenerationConfig, LogitsProcessor, PreTrainedModel, StoppingCriteria

from tgc.engine.batched.batch import Batch, distinct
from tgc.engine.drawing.sequence import Output, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable


class Drawing(LogitsProcessor):
    """Turns logits into scores whose only finite entry is the token that the batch drew."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:  # noqa: ARG002, D102 - their interface
        tokens = torch.tensor(self.batch.advance(scores), device=scores.device)
        return torch.full_like(scores, float("-inf")).scatter_(1, tokens.unsqueeze(1), 0.0)


class Thinning(StoppingCriteria):
    """Stops all rows when half of them have drawn their last token."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:  # noqa: ARG002, D102 - their interface
        return torch.full((len(input_ids),), self.batch.thin, device=input_ids.device)


@torch.inference_mode()
def generate(model: PreTrainedModel, sequences: list[Sequence]) -> list[Output]:
    """Continue all sequences to their ends; the model's generation config is a `plain` one."""
    batch = Batch(sequences)
    rows, width = batch.rows, max(len(sequence.prompt) for sequence in sequences)
    cache = _read(model, sequences, width)
    while batch.rows:
        cache = _grow(model, batch, width, cache)
        cache = _select(cache, batch.shrink())
    return [row.output for row in rows]


def plain(pad_id: int, max_new_tokens: int = 1) -> GenerationConfig:
    """A generation config without a checkpoint's sampling defaults and end tokens: rows end by our rules."""
    return GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False, pad_token_id=pad_id, max_new_tokens=max_new_tokens, return_dict_in_generate=True
    )


def _read(model: PreTrainedModel, sequences: list[Sequence], width: int) -> Cache | None:
    """What the model remembers of all but the last token of the prompts, one row per sibling.

    None where no prompt repeats; the prompts are then read when the first token is drawn. The token drawn
    here is thrown away: asking for one is how generate() is made to read.
    """
    prompts, owners = distinct(sequences)
    if len(prompts) == len(sequences) or min(map(len, prompts)) == 1:
        return None
    cache = _continue(model, [prompt[:-1] for prompt in prompts], width - 1, 1)
    return _select(cache, owners)


def _grow(model: PreTrainedModel, batch: Batch, width: int, cache: Cache | None) -> Cache | None:
    """Draw tokens until the batch is thin; what the model then remembers of all but the last."""
    return _continue(
        model,
        [row.text for row in batch.rows],
        width + batch.position,
        max(row.sequence.max_tokens for row in batch.rows) - batch.position,
        past_key_values=cache,
        logits_processor=[Drawing(batch)],
        stopping_criteria=[Thinning(batch)],
    )


def _continue(
    model: PreTrainedModel, texts: list[tuple[int, ...]], width: int, max_new_tokens: int, **options: object
) -> Cache | None:
    """Generate after texts padded on the left to `width`; the cache, or None if the model keeps none."""
    pad_id = model.generation_config.pad_token_id
    ids = [(pad_id,) * (width - len(text)) + text for text in texts]
    mask = [(0,) * (width - len(text)) + (1,) * len(text) for text in texts]
    generate = cast("Callable[..., Any]", model.generate)  # Any: their types are wider than what comes back
    result = generate(
        torch.tensor(ids, device=model.device),
        attention_mask=torch.tensor(mask, device=model.device),
        generation_config=plain(pad_id, max_new_tokens),
        **options,
    )
    cache: Cache | None = result.get("past_key_values")
    return cache


def _select(cache: Cache | None, rows: list[int]) -> Cache | None:
    if cache is not None and rows:
        cache.reorder_cache(torch.tensor(rows))  # type: ignore[arg-type]  # any integer tensor will do
    return cache
