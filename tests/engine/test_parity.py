"""Greedy texts are those of `generate()`, family by family, behind prompts that are longer than any window."""

import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
import transformers as hf
from transformers import PreTrainedModel

from tests.engine.test_engine import GREEDY, oracle
from tests.engine.test_probe import GATED, GEMMA, LIMITED, TREE, built
from tgc import assets
from tgc.engine.drawing.sequence import Sequence
from tgc.engine.engine import Engine
from tgc.engine.loading import checkpoint
from tgc.origin import Origin

MANY_HEADED: dict[str, Any] = {**GATED, "num_key_value_heads": 4}
SHORT: dict[str, Any] = {**GATED, "sliding_window": 24}
FAR: dict[str, Any] = {"rope_theta": 1e4, "factor": 4.0, "original_max_position_embeddings": 64}
LLAMA3: dict[str, Any] = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "rope_type": "llama3", **FAR}
MIXED: dict[str, Any] = {"num_local_experts": 4, "num_experts_per_tok": 2, **GATED}

MODELS: dict[str, Callable[[], PreTrainedModel]] = {
    "llama, a head for each": lambda: hf.LlamaForCausalLM(hf.LlamaConfig(**MANY_HEADED)),
    "llama 3": lambda: hf.LlamaForCausalLM(hf.LlamaConfig(rope_parameters=LLAMA3, **GATED)),
    "llama, yarn": lambda: hf.LlamaForCausalLM(
        hf.LlamaConfig(rope_parameters={"rope_type": "yarn", **FAR}, **GATED)
    ),
    "gemma": lambda: hf.GemmaForCausalLM(hf.GemmaConfig(**GEMMA)),
    "gemma, one head": lambda: hf.GemmaForCausalLM(hf.GemmaConfig(**{**GEMMA, "num_key_value_heads": 1})),
    "phi": lambda: hf.PhiForCausalLM(hf.PhiConfig(**MANY_HEADED)),
    "mixtral": lambda: hf.MixtralForCausalLM(hf.MixtralConfig(sliding_window=None, **MIXED)),
    "granitemoe": lambda: hf.GraniteMoeForCausalLM(hf.GraniteMoeConfig(**MIXED)),
    "olmo": lambda: hf.OlmoForCausalLM(hf.OlmoConfig(**GATED)),
    "stablelm": lambda: hf.StableLmForCausalLM(hf.StableLmConfig(**GATED)),
    "starcoder2": lambda: hf.Starcoder2ForCausalLM(hf.Starcoder2Config(sliding_window=None, **GATED)),
    "cohere": lambda: hf.CohereForCausalLM(hf.CohereConfig(**GATED)),
    "glm4": lambda: hf.Glm4ForCausalLM(hf.Glm4Config(head_dim=8, pad_token_id=0, **GATED)),
    "nemotron": lambda: hf.NemotronForCausalLM(hf.NemotronConfig(**GATED)),
    "qwen2, a window in the second layer": lambda: hf.Qwen2ForCausalLM(
        hf.Qwen2Config(use_sliding_window=True, max_window_layers=1, **SHORT)
    ),
    "phi3, a window": lambda: hf.Phi3ForCausalLM(hf.Phi3Config(pad_token_id=0, **SHORT)),
    "olmo3, windows in turn": lambda: hf.Olmo3ForCausalLM(hf.Olmo3Config(**SHORT)),
}
"""Families and ways to attend that no other test has."""

HALF = {
    name: (TREE | LIMITED | MODELS)[name] for name in ("llama", "qwen3", "gemma3", "phi3", "neox", "gemma")
}

OPENINGS = ("What do you know about", "Tell me of")
TOPICS = ("the largest planet", "Paris", "how bread is made")
MORE = "Go on, and give another example."
"""What a dialogue with a model is made of that was trained on such."""

TIED = 2**-5
"""How near two logits are in bfloat16, as a share of the largest, that rounding may put in either order."""


def asked() -> list[Sequence]:
    """Siblings, cousins that leave them at several places, and a prompt that none begins with."""
    draw = random.Random(3)
    long = tuple(draw.randrange(3, 300) for _ in range(120))
    prompts = [long[:100], long[:100], (*long[:40], 2, *long[60:100]), long[:7], (*long[:60], 1, *long[90:])]
    limits = (10, 10, 12, 10, 40)
    pairs = zip(prompts, limits, strict=True)
    return [Sequence(str(key), prompt, GREEDY, key, limit) for key, (prompt, limit) in enumerate(pairs)]


@pytest.mark.parametrize("name", MODELS)
def test_float32_says_what_generate_says(name: str) -> None:
    model = built(MODELS[name])
    expected = [oracle(model, one) for one in asked()]
    assert [output.tokens for output in Engine(model, 0, 4).run(asked())] == expected


@pytest.mark.parametrize("name", HALF)
def test_bfloat16_differs_from_generate_only_where_two_tokens_are_tied(name: str) -> None:
    model = built(HALF[name])
    for parameter in model.parameters():
        parameter.data = parameter.data.bfloat16()
    for one, output in zip(asked(), Engine(model, 0, 4).run(asked()), strict=True):
        expected = oracle(model, one)
        assert len(output.tokens) == len(expected)
        assert output.tokens == expected or tied(model, one.prompt, output.tokens, expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_trained_model_says_what_generate_says_from_turn_to_turn(dtype: torch.dtype) -> None:
    loaded = checkpoint.load(Origin(str(assets.model("atlas"))), torch.device("cpu"), str(dtype)[6:])
    words, model = loaded.tokenizer, loaded.model
    engine = Engine(model, 0, 8, controls=frozenset(words.all_special_ids), context=loaded.context)
    chats = [[{"role": "user", "content": f"{how} {what}"}] for how in OPENINGS for what in TOPICS]
    for turn in range(3):
        texts = [
            words.apply_chat_template(chat, add_generation_prompt=True, tokenize=False) for chat in chats
        ]
        ids = [tuple(words.encode(text, add_special_tokens=False)) for text in texts]
        turns = [Sequence(f"{turn} {i}", one, GREEDY, i, 48, loaded.ends) for i, one in enumerate(ids)]
        for one, output, chat in zip(turns, engine.run(turns), chats, strict=True):
            expected = oracle(model, one)
            half = dtype == torch.bfloat16
            assert output.tokens == expected or (half and tied(model, one.prompt, output.tokens, expected))
            said = str(words.decode(list(expected), skip_special_tokens=True))
            chat += [{"role": "assistant", "content": said}, {"role": "user", "content": MORE}]


@torch.inference_mode()
def tied(
    model: PreTrainedModel, prompt: tuple[int, ...], ours: tuple[int, ...], theirs: tuple[int, ...]
) -> bool:
    """Whether the first tokens that are not the same are as good as equally likely."""
    place = next(place for place, pair in enumerate(zip(ours, theirs, strict=True)) if len(set(pair)) > 1)
    text = torch.tensor([[*prompt, *theirs[:place]]])
    logits = model(text, use_cache=False).logits[0, -1].float()
    between = logits[theirs[place]] - logits[ours[place]]
    return bool(between.abs() <= TIED * logits.abs().max())
