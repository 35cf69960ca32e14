"""Finds out, before anything is generated, whether a model's own code gives the same over a tree of prompts."""

from collections.abc import Iterator
from dataclasses import dataclass
from logging import getLogger
from typing import Any

import torch
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

from tgc.engine.batched.batches import Batches
from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.forward.attention import Unsupported
from tgc.engine.growth import Growth
from tgc.engine.way import PLAIN, Way
from tgc.engine.ways import ways
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

ATTENDING = {"full_attention", "sliding_attention", "chunked_attention"}
"""Layers that remember tokens one by one: what others carry along would run from one text into the next."""

OTHER = "they do not give what the model's own code does"

CUT = 5
"""A token before which the prompts are cut."""


@dataclass(frozen=True, slots=True)
class Ability:
    """What was found of a model.

    Attributes:
        width: bytes that a token takes in memory.
        window: the most tokens that all layers attend to and place alike; None where there is no limit.
        steady: whether it says the same of a prompt alone as beside others, to the last bit.
        way: how it is run.
    """

    width: int
    window: int | None
    steady: bool
    way: Way


def probe(model: PreTrainedModel, least: int = 1) -> Ability | None:
    """What a model is able to do over a tree of prompts, by the fastest way that is right; None if none is.

    Where that is not the first that its device has, the user is told.

    Args:
        model: left as it was.
        least: rows that every matrix product has at least.
    """
    failed = list[str]()
    for way in ways(model):
        # compilers and drivers raise what no list knows
        refusals = REFUSALS if way is PLAIN else (Exception,)
        try:
            found, reason = _tried(model, least, way), OTHER
        except torch.OutOfMemoryError:
            raise
        except refusals as error:
            found, reason = None, str(error).partition("\n")[0] or type(error).__name__
        if found:
            for why in failed:
                getLogger(__name__).warning("tgc's own kernels are not used, which is slower: %s", why)
            return found
        failed.append(reason)
    return None


def _tried(model: PreTrainedModel, least: int, way: Way) -> Ability | None:
    """What a model is able to do this way; None if it says something else than when it reads texts one by one."""
    growth, alone = (Growth(model, 4, 32, frozenset({CUT}), least, way) for _ in range(2))
    asked = _asked(model.config.get_text_config().vocab_size)
    outputs = _grown(growth, asked)
    config = model.config.get_text_config()
    if not (
        all(_agrees(model, one, outputs[one.key]) for one in asked)
        and growth.width
        and ATTENDING.issuperset(_layers(config))
    ):
        return None
    heard = [growth.window] if growth.window else []
    steady = _grown(alone, asked[2:3]) == {"2": outputs["2"]}
    return Ability(growth.width, min([*heard, *_limits(config)], default=None), steady, way)


def _grown(growth: Growth, asked: list[Sequence]) -> dict[str, Output]:
    growth.submit(asked)
    return {output.key: output for output in growth.step(len(asked))}


def _layers(config: PretrainedConfig) -> list[str]:
    """The kinds of layers, where a config names them."""
    return getattr(config, "layer_types", None) or []


def _limits(config: PretrainedConfig) -> Iterator[int]:
    """Lengths from which tokens are not attended to, or placed elsewhere, as far as a config says so.

    Some models limit attention by masks alone, which an attention function is not told of; and frequencies that
    move with the longest text under way would move those of all others.
    """
    kinds = set(_layers(config)) or ATTENDING
    if "sliding_attention" in kinds and isinstance(window := getattr(config, "sliding_window", None), int):
        yield window
    if "chunked_attention" in kinds and isinstance(
        chunk := getattr(config, "attention_chunk_size", None), int
    ):
        yield chunk
    for rope in _ropes(getattr(config, "rope_parameters", None) or {}):
        if rope["rope_type"] in ("dynamic", "longrope"):
            yield rope.get("original_max_position_embeddings") or config.max_position_embeddings


def _ropes(parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """How positions are turned, of all kinds of layers."""
    return [parameters] if "rope_type" in parameters else [one for one in parameters.values() if one]


def pads(model: PreTrainedModel, batches: Batches) -> bool:
    """Whether a model says the same of a prompt beside longer ones, filled up to their length, as alone."""
    asked, outputs = _asked(model.config.get_text_config().vocab_size), dict[str, Output]()
    batches.submit(asked)
    try:
        while batches.waiting:
            outputs |= {output.key: output for output in batches.step()}
        return all(_agrees(model, one, outputs[one.key]) for one in asked)
    except torch.OutOfMemoryError:
        raise
    except REFUSALS:
        batches.cancel()
        return False


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
