"""Models of random weights, built where they run: speed does not ask what a model has learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from transformers import (
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Causal = LlamaForCausalLM | Qwen2ForCausalLM | Qwen3ForCausalLM

NO_ENDS: dict[str, Any] = {"bos_token_id": None, "eos_token_id": None, "pad_token_id": 0}


def tiny() -> Causal:
    """Half a million parameters: to see whether the benchmark runs."""
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=2048,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=16,
            max_position_embeddings=4096,
            **NO_ENDS,
        )
    )


def small_qwen3() -> Causal:
    """33 M parameters, 16 k tokens."""
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=16384,
            hidden_size=512,
            intermediate_size=1536,
            num_hidden_layers=8,
            num_attention_heads=8,
            num_key_value_heads=4,
            head_dim=64,
            max_position_embeddings=4096,
            tie_word_embeddings=True,
            **NO_ENDS,
        )
    )


def small_llama() -> Causal:
    """100 M parameters, 32 k tokens."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=32000,
            hidden_size=768,
            intermediate_size=2048,
            num_hidden_layers=12,
            num_attention_heads=12,
            num_key_value_heads=4,
            max_position_embeddings=4096,
            tie_word_embeddings=True,
            **NO_ENDS,
        )
    )


def llama2() -> Causal:
    """Llama-2-7B: all heads have keys and values of their own."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=32000,
            hidden_size=4096,
            intermediate_size=11008,
            num_hidden_layers=32,
            num_attention_heads=32,
            num_key_value_heads=32,
            max_position_embeddings=4096,
            **NO_ENDS,
        )
    )


def qwen25() -> Causal:
    """Qwen2.5-7B: seven heads share keys and values."""
    return Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=152064,
            hidden_size=3584,
            intermediate_size=18944,
            num_hidden_layers=28,
            num_attention_heads=28,
            num_key_value_heads=4,
            max_position_embeddings=4096,
            **NO_ENDS,
        )
    )


MODELS: dict[str, Callable[[], Causal]] = {
    "tiny": tiny,
    "qwen3-33m": small_qwen3,
    "llama-100m": small_llama,
    "llama2-7b": llama2,
    "qwen2.5-7b": qwen25,
}


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it runs, in the words of `torch.device`, and in which format."""

    device: str
    dtype: str


def built(name: str, machine: Machine) -> Causal:
    """The model, ready to generate; its weights are made on the device and never cross to it."""
    torch.manual_seed(7)
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, machine.dtype))
    try:
        with torch.device(machine.device):
            model = MODELS[name]()
    finally:
        torch.set_default_dtype(before)
    model.train(mode=False)
    return as_new(model)


def as_new(model: Causal) -> Causal:
    """The model without what a contender may have left behind."""
    model.set_attn_implementation("sdpa")
    model.generation_config = GenerationConfig(pad_token_id=0)  # type: ignore[no-untyped-call]
    return model
