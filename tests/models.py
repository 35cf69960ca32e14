"""Tiny real models with tokenizers trained on the spot: directories like any checkpoint's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

torch.set_num_threads(1)  # on contended cores OpenMP spins: two threads were five times slower than one

CHATS = Path(__file__).parent / "chats"
"""Chat templates in our own short words, one per style in the wild."""

CONTROLS = {
    "chatml": ["<|im_start|>", "<|im_end|>"],
    "qwen3": ["<|im_start|>", "<|im_end|>"],
    "qwen2": ["<|im_start|>", "<|im_end|>"],
    "llama3": ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
    "gemma": ["<start_of_turn>", "<end_of_turn>"],
    "mistral": ["[INST]", "[/INST]"],
    "atlas": ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"],
}
"""Special tokens of each style beside bos, eos and pad."""

PROSE = (
    "What is the capital of France? The capital of France is Paris.",
    "Which planet is the largest? Jupiter is the largest planet of the Solar System.",
    "Who wrote Faust? Faust was written by Johann Wolfgang von Goethe.",
)

SIZE: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 256,
}
GATED: dict[str, Any] = {**SIZE, "intermediate_size": 64, "num_key_value_heads": 2}

ARCHITECTURES: dict[str, Callable[[int], PreTrainedModel]] = {
    "llama": lambda size: LlamaForCausalLM(LlamaConfig(vocab_size=size, **GATED)),
    "qwen2": lambda size: Qwen2ForCausalLM(Qwen2Config(vocab_size=size, **GATED)),
    "qwen3": lambda size: Qwen3ForCausalLM(Qwen3Config(vocab_size=size, head_dim=8, **GATED)),
    "gpt2": lambda size: GPT2LMHeadModel(
        GPT2Config(vocab_size=size, n_embd=32, n_layer=2, n_head=4, n_positions=256)
    ),
    "neox": lambda size: GPTNeoXForCausalLM(GPTNeoXConfig(vocab_size=size, intermediate_size=64, **SIZE)),
    "gemma": lambda size: Gemma3ForCausalLM(
        Gemma3TextConfig(vocab_size=size, head_dim=8, sliding_window=8, **GATED)
    ),
}
"""Random weights by architecture, given the size of a vocabulary."""


def seeded(
    make: Callable[[], PreTrainedModel], seed: int, dtype: torch.dtype = torch.float32
) -> PreTrainedModel:
    """A model of random weights that are the same each time."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = make()
    for parameter in model.parameters():
        parameter.data = parameter.data.to(dtype)
    model.train(mode=False)
    return model


def loaded(folder: Path) -> PreTrainedModel:
    """The model of a directory, in float32."""
    return cast("PreTrainedModel", AutoModelForCausalLM.from_pretrained(folder, dtype="float32"))


def tokenizer(template: str | None = "chatml") -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer trained on a few sentences, with the chat template of that style or none."""
    special = ["<pad>", "<s>", "</s>", *CONTROLS.get(template or "", [])]
    fast = Tokenizer(models.BPE())
    fast.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    fast.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    fast.train_from_iterator(PROSE, trainer)
    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=fast,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        extra_special_tokens=special[3:],
    )
    wrapped.chat_template = (CHATS / f"{template}.jinja").read_text() if template else None
    return wrapped


def tiny(folder: Path, architecture: str = "llama", template: str | None = "chatml", seed: int = 0) -> Path:
    """A directory with a model of random weights, sharp enough to prefer some tokens, and its tokenizer."""
    words = tokenizer(template)
    model = seeded(lambda: ARCHITECTURES[architecture](len(words)), seed)
    model.get_output_embeddings().weight.data.mul_(8)  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def tiny_llama(folder: Path, template: str | None = "chatml") -> Path:
    """A directory with a Llama of two layers."""
    return tiny(folder, "llama", template)


def beside_a_model(home: Path, recipe: str) -> Path:
    """A recipe in a project that has a model, `one`, and builds with it on a CPU."""
    for folder in ("recipes", "warehouse"):
        (home / folder).mkdir()
    tiny(home / "one")
    (home / "recipes/profiles.yaml").write_text("default: here\nhere: {backend: torch, device: cpu}\n")
    path = home / "recipes/recipe.yaml"
    path.write_text(recipe)
    return path
