"""One batch through `model.generate()`, which minds the caches, masks and positions of any causal LM.

It is told to take the likeliest token, and a logits processor of ours leaves it one token to take: every draw
is ours, and no random generator is touched.
"""

import torch
from torch import Tensor
from transformers import Cache, GenerationConfig, LogitsProcessor, StoppingCriteria

from tgc.engine.batch import Batch
from tgc.engine.model import Model
from tgc.engine.schedule import distinct
from tgc.engine.sequence import Output, Sequence


class Drawing(LogitsProcessor):
    """Turns logits into scores whose only finite entry is the token that the batch drew."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:  # noqa: ARG002, D102 - their interface
        tokens = torch.tensor(self.batch.advance(scores), device=scores.device)
        return torch.full_like(scores, float("-inf")).scatter_(1, tokens.unsqueeze(1), 0.0)


class Ending(StoppingCriteria):
    """Says which rows of the batch have drawn their last token."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:  # noqa: ARG002, D102 - their interface
        return torch.tensor(self.batch.finished, device=input_ids.device)


@torch.inference_mode()
def generate(model: Model, sequences: list[Sequence], pad_id: int) -> list[Output]:
    """Continue all sequences to their ends; a prompt is read once, whatever its number of siblings."""
    prompts, owners = distinct(sequences)
    ids, mask = (tensor.to(model.device) for tensor in pad(prompts, pad_id))
    rows = torch.tensor(owners, device=model.device)
    batch = Batch(sequences)
    model.generate(
        ids[rows],
        attention_mask=mask[rows],
        past_key_values=_read(model, ids, mask, rows, pad_id),
        generation_config=plain(pad_id, max_new_tokens=max(sequence.max_tokens for sequence in sequences)),
        logits_processor=[Drawing(batch)],
        stopping_criteria=[Ending(batch)],
    )
    return [row.output for row in batch.rows]


def pad(prompts: list[tuple[int, ...]], pad_id: int) -> tuple[Tensor, Tensor]:
    """Token ids and attention mask of shape (prompts, longest), padded on the left."""
    width = max(map(len, prompts))
    ids = torch.tensor([(pad_id,) * (width - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([(0,) * (width - len(prompt)) + (1,) * len(prompt) for prompt in prompts])
    return ids, mask


def plain(pad_id: int, **options: int) -> GenerationConfig:
    """A generation config without a checkpoint's sampling defaults and end tokens: rows end by our rules."""
    return GenerationConfig(do_sample=False, pad_token_id=pad_id, **options)  # type: ignore[no-untyped-call]


def _read(model: Model, ids: Tensor, mask: Tensor, rows: Tensor, pad_id: int) -> Cache | None:
    """What the model remembers of all but the last token of the prompts, one row per sibling.

    None where no prompt repeats or the model keeps no such cache; generate() then reads the prompts itself.
    The token drawn here is thrown away: asking for one is how generate() is made to read.
    """
    if len(rows) == len(ids) or (mask[:, :-1].sum(dim=1) == 0).any():
        return None
    result = model.generate(
        ids[:, :-1],
        attention_mask=mask[:, :-1],
        generation_config=plain(pad_id, max_new_tokens=1, return_dict_in_generate=True),
    )
    cache: Cache | None = getattr(result, "past_key_values", None)
    if cache is not None:
        cache.reorder_cache(rows)  # type: ignore[arg-type]  # any integer tensor will do
    return cache
