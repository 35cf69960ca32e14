"""Attention put together from parts is plain softmax attention over the whole text, whoever shares what."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import (
    DeepseekV3Config,
    DeepseekV3ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
)

from tests.models import seeded
from tgc.engine.drawing.sequence import Output, Sequence
from tgc.engine.forward.rounding import ROWS
from tgc.engine.growth import Growth
from tgc.engine.tree.pages import PAGE
from tgc.sampling import Sampling

CONTROL = 1
VOCABULARY = 200
ROUNDING = 2e-4

SHAPE: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "max_position_embeddings": 2048,
    "initializer_range": 0.3,
}
LATENT: dict[str, Any] = {
    **SHAPE,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "first_k_dense_replace": 2,
    "rope_interleave": True,
    "q_lora_rank": 16,
    "kv_lora_rank": 16,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 8,
    "v_head_dim": 6,
}


def llama(heads: int, group: int) -> PreTrainedModel:
    return LlamaForCausalLM(
        LlamaConfig(num_attention_heads=heads * group, num_key_value_heads=heads, **SHAPE)
    )


MODELS: dict[str, Callable[[], PreTrainedModel]] = {
    "a key head for each query": lambda: llama(4, 1),
    "two queries to a key head": lambda: llama(2, 2),
    "eight queries to a key head": lambda: llama(1, 8),
    "values narrower than keys": lambda: DeepseekV3ForCausalLM(DeepseekV3Config(**LATENT)),
}


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    return seeded(MODELS[request.param], 1)


def forest(seed: int) -> list[Sequence]:
    """Prompts that share random beginnings, some with many siblings, some alone; answers over up to four pages."""
    draw = random.Random(seed)
    prompts: list[tuple[int, ...]] = [()]
    for _ in range(6):
        turn = (CONTROL, *(draw.randrange(2, VOCABULARY) for _ in range(draw.choice((1, 16, PAGE, 90, 270)))))
        prompts.append((*draw.choice(prompts), *turn))
    limits = [draw.choice((2, 5, PAGE, PAGE + 2)) for _ in range(16)]
    return [
        Sequence(str(key), draw.choice(prompts[1:]), Sampling(), key, limit)
        for key, limit in enumerate([*limits, 3 * PAGE + 5])
    ]


@torch.inference_mode()
def plain(model: PreTrainedModel, asked: Sequence, output: Output) -> list[float]:
    """What the stock model says of every token drawn, in one go."""
    logits: Tensor = model(torch.tensor([[*asked.prompt, *output.tokens]]), use_cache=False).logits
    drawn = torch.tensor(output.tokens).unsqueeze(1)
    own = logits[0, len(asked.prompt) - 1 : -1].double().log_softmax(dim=-1).gather(1, drawn)
    return [float(one) for one in own]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("least", [1, ROWS])
def test_parts_put_together_are_attention_over_the_whole_text(
    least: int, seed: int, model: PreTrainedModel
) -> None:
    growth = Growth(model, 9, 200, frozenset({CONTROL}), least)
    asked = {sequence.key: sequence for sequence in forest(seed)}
    growth.submit(asked.values())
    for output in growth.step(len(asked)):
        assert output.logprobs == pytest.approx(plain(model, asked[output.key], output), abs=ROUNDING)
