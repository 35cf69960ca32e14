"""Which models grow over the tree of prompts, and that all say what `generate()` says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import transformers as hf
from transformers import PreTrainedModel

from tests.engine.test_engine import GREEDY, oracle, sequences
from tests.models import seeded
from tgc.engine.engine import Engine
from tgc.engine.probe import Ability, probe

VOCABULARY = 300

SIZE: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 256,
    "initializer_range": 0.2,
}
GATED: dict[str, Any] = {**SIZE, "intermediate_size": 64, "num_key_value_heads": 2}
GEMMA: dict[str, Any] = {**GATED, "head_dim": 8}
MOE: dict[str, Any] = {**GATED, "head_dim": 8, "num_experts": 8, "moe_intermediate_size": 32}
LLAMA4: dict[str, Any] = {**GATED, "head_dim": 8, "intermediate_size_mlp": 64, "num_local_experts": 2}
LATENT: dict[str, Any] = {
    **GATED,
    "num_key_value_heads": 4,
    "first_k_dense_replace": 2,
    "q_lora_rank": 16,
    "kv_lora_rank": 16,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 8,
    "v_head_dim": 6,
}
SHORT = {"rope_type": "longrope", "rope_theta": 1e4, "short_factor": [1.0] * 4, "long_factor": [9.0] * 4}
MOVING: dict[str, Any] = {**GATED, "max_position_embeddings": 70}

TREE: dict[str, Callable[[], PreTrainedModel]] = {
    "llama": lambda: hf.LlamaForCausalLM(hf.LlamaConfig(**GATED)),
    "qwen2": lambda: hf.Qwen2ForCausalLM(hf.Qwen2Config(**GATED)),
    "qwen3": lambda: hf.Qwen3ForCausalLM(hf.Qwen3Config(head_dim=8, **GATED)),
    "qwen3_moe": lambda: hf.Qwen3MoeForCausalLM(hf.Qwen3MoeConfig(num_experts_per_tok=2, **MOE)),
    "mistral": lambda: hf.MistralForCausalLM(hf.MistralConfig(sliding_window=None, **GATED)),
    "phi3": lambda: hf.Phi3ForCausalLM(hf.Phi3Config(pad_token_id=0, **GATED)),
    "olmo2": lambda: hf.Olmo2ForCausalLM(hf.Olmo2Config(**GATED)),
    "granite": lambda: hf.GraniteForCausalLM(hf.GraniteConfig(**GATED)),
    "smollm3": lambda: hf.SmolLM3ForCausalLM(hf.SmolLM3Config(pad_token_id=0, **GATED)),
    "neox": lambda: hf.GPTNeoXForCausalLM(hf.GPTNeoXConfig(intermediate_size=64, **SIZE)),
    "gpt2": lambda: hf.GPT2LMHeadModel(
        hf.GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=256, **WORDS)
    ),
    "opt": lambda: hf.OPTForCausalLM(hf.OPTConfig(ffn_dim=64, word_embed_proj_dim=32, **SIZE)),
    "latent": lambda: hf.DeepseekV3ForCausalLM(hf.DeepseekV3Config(**LATENT)),
}
"""Whose attention the tree drives, whatever the length."""

WORDS: dict[str, Any] = {"vocab_size": VOCABULARY, "initializer_range": 0.2}

LIMITED: dict[str, Callable[[], PreTrainedModel]] = {
    "gemma3": lambda: hf.Gemma3ForCausalLM(hf.Gemma3TextConfig(sliding_window=70, **GEMMA)),
    "mistral": lambda: hf.MistralForCausalLM(hf.MistralConfig(sliding_window=70, **GATED)),
    "llama4": lambda: hf.Llama4ForCausalLM(hf.Llama4TextConfig(attention_chunk_size=70, **LLAMA4)),
    "dynamic": lambda: hf.LlamaForCausalLM(
        hf.LlamaConfig(rope_parameters={"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}, **MOVING)
    ),
    "longrope": lambda: hf.Phi3ForCausalLM(
        hf.Phi3Config(
            pad_token_id=0,
            original_max_position_embeddings=70,
            rope_parameters={**SHORT, "original_max_position_embeddings": 70, "factor": 4.0},
            **GATED,
        )
    ),
}
"""Whose attention or positions are others beyond 70 tokens."""

BATCHES: dict[str, Callable[[], PreTrainedModel]] = {
    "mistral, a short window": lambda: hf.MistralForCausalLM(hf.MistralConfig(sliding_window=16, **GATED)),
    "gemma2, capped scores": lambda: hf.Gemma2ForCausalLM(hf.Gemma2Config(**GEMMA)),
    "bloom, slopes": lambda: hf.BloomForCausalLM(
        hf.BloomConfig(n_layer=2, n_head=4, hidden_size=32, **WORDS)
    ),
    "mamba, a state": lambda: hf.MambaForCausalLM(
        hf.MambaConfig(hidden_size=32, num_hidden_layers=2, state_size=8, **WORDS)
    ),
    "lfm2, convolutions": lambda: hf.Lfm2ForCausalLM(
        hf.Lfm2Config(layer_types=["conv", "full_attention"], **{**GATED, "initializer_range": 0.02})
    ),
    "gpt_oss, sinks": lambda: hf.GptOssForCausalLM(
        hf.GptOssConfig(head_dim=8, num_local_experts=4, num_experts_per_tok=2, **GATED)
    ),
}
"""For which only `generate()` is right."""


def built(make: Callable[[], PreTrainedModel]) -> PreTrainedModel:
    """The same random weights every time, sharp enough for attention to tell tokens apart."""
    model = seeded(make, 0)
    model.get_output_embeddings().weight.data.mul_(8)  # type: ignore[no-untyped-call]
    return model


def greedy(model: PreTrainedModel) -> None:
    asked = sequences(10, sampling=GREEDY)
    outputs = Engine(model, pad_id=0, batch_size=5).run(asked)
    assert [output.tokens for output in outputs] == [oracle(model, one) for one in asked]


@pytest.mark.parametrize("name", TREE)
def test_models_with_plain_attention_grow_over_the_tree(name: str) -> None:
    model = built(TREE[name])
    ability = probe(model)
    assert isinstance(ability, Ability)
    assert ability.window is None
    greedy(model)


@pytest.mark.parametrize("name", LIMITED)
def test_short_texts_of_limited_models_grow_over_the_tree_beside_long_ones_that_do_not(name: str) -> None:
    model = built(LIMITED[name])
    ability = probe(model)
    assert isinstance(ability, Ability)
    assert ability.window == 70
    short = sequences(6, sampling=GREEDY)
    long = [replace(one, key=f"long {one.key}", prompt=(one.prompt * 90)[:80]) for one in short[:1]]
    outputs = Engine(model, pad_id=0, batch_size=7).run([*short, *long])
    assert [output.tokens for output in outputs] == [oracle(model, one) for one in (*short, *long)]


@pytest.mark.parametrize("name", BATCHES)
def test_models_of_another_kind_run_in_batches(name: str) -> None:
    model = built(BATCHES[name])
    assert probe(model) is None
    greedy(model)


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_a_probe_leaves_the_model_as_it_was(name: str) -> None:
    model = built(TREE[name])
    before = model.config.to_dict()
    probe(model)
    assert model.config.to_dict() == before
