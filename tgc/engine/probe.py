"""Finds out, before anything is generated, whether a model's own code gives the same over a tree of prompts."""

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel

from tgc.engine.attention import Unsupported
from tgc.engine.growth import Growth
from tgc.engine.sequence import Output, Sequence
from tgc.sampling import Sampling

REFUSALS = (
    Unsupported,
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    RuntimeError,
)
"""What models raise whose layers are not all attention, or that take other arguments than most."""

ROUNDING = {torch.float32: 1e-4, torch.float64: 1e-6}
"""By how much mean log-probabilities may differ; in other types, by HALF."""

HALF = 0.1

CUT = 5
"""A token before which the prompts are cut."""


@dataclass(frozen=True, slots=True)
class Ability:
    """What was found of a model.

    Attributes:
        width: bytes that a token takes in memory.
        window: the most tokens that all layers attend to; None where there is no limit.
    """

    width: int
    window: int | None


def probe(model: PreTrainedModel) -> Ability | None:
    """What a model is able to do over a tree of prompts; None if only `generate()` is right for it."""
    growth = Growth(model, rows=4, pages=32, controls=frozenset({CUT}), least=1)
    asked = _asked(model.config.get_text_config().vocab_size)
    try:
        growth.submit(asked)
        outputs = {output.key: output for output in growth.step(len(asked))}
        alike = all(_agrees(model, one, outputs[one.key]) for one in asked)
    except torch.OutOfMemoryError:
        raise
    except REFUSALS:
        return None
    return Ability(growth.width, growth.window) if alike else None


def _asked(vocabulary: int) -> list[Sequence]:
    """Siblings, a cousin that shares the beginning with them, and a prompt that shares nothing."""
    first, second = (tuple((step * place + CUT) % vocabulary for place in range(24)) for step in (7, 11))
    prompts = ((*first, CUT, *second), (*first, CUT, *second), (*first, CUT, *second[3:9]), second[:7])
    return [Sequence(str(index), prompt, Sampling(), index, 5) for index, prompt in enumerate(prompts)]


@torch.inference_mode()
def _agrees(model: PreTrainedModel, asked: Sequence, output: Output) -> bool:
    """Whether the model thinks the same of what was drawn when it reads it all in one go."""
    ids = torch.tensor([[*asked.prompt, *output.tokens]], device=model.device)
    logits: Tensor = model(ids, use_cache=False).logits[0, len(asked.prompt) - 1 : -1].float()
    drawn = ids[0, len(asked.prompt) :].unsqueeze(1)
    own = logits.log_softmax(dim=-1).gather(1, drawn).mean().item()
    return abs(own - output.mean_logprob) <= ROUNDING.get(model.dtype, HALF)
