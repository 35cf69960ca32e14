"""Tiny models of random weights, made by the transformers of the client that is to train them."""

from pathlib import Path
from typing import Any

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% if message.role == 'assistant' %}{% generation %}{{ words(message) }}<|im_end|>{% endgeneration %}"
    "{% else %}{{ words(message) }}<|im_end|>{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WORDS = (
    "{% macro words(message) %}{% if message.content is string %}{{ message.content }}{% else %}"
    "{% for part in message.content %}{% if part.type == 'image' %}<image>\n{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}{% endif %}{% endmacro %}"
)
CONTROLS = ["<|im_start|>", "<|im_end|>", "<image>"]
SIDE, PATCH = 32, 8
LLAMA: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 4096,
}
CLIP: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "projection_dim": 32,
}


def tokenizer() -> Any:  # noqa: ANN401 - of a library that is not ours
    """Bytes as tokens, a chat template with marks of what the assistant says, and a word for images."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bytewise = Tokenizer(models.BPE())
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    special = ["<pad>", "<s>", "</s>", *CONTROLS]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    bytewise.train_from_iterator([], trainer)
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=bytewise, bos_token="<s>", eos_token="<|im_end|>", pad_token="<pad>"
    )
    fast.add_special_tokens({"additional_special_tokens": CONTROLS})
    fast.chat_template = WORDS + TEMPLATE
    return fast


def text_model(folder: Path) -> Path:
    """A folder with a Llama and its tokenizer."""
    from transformers import LlamaConfig, LlamaForCausalLM

    words = tokenizer()
    LlamaForCausalLM(LlamaConfig(vocab_size=len(words), **LLAMA)).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def vision_model(folder: Path) -> Path:
    """A folder with a LLaVA as transformers has it, and its processor."""
    import transformers
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

    words = tokenizer()
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(image_size=SIDE, patch_size=PATCH, **CLIP),
        text_config=LlamaConfig(vocab_size=len(words), **LLAMA),
        image_token_index=words.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    images = getattr(transformers, "CLIPImageProcessorPil", None) or transformers.CLIPImageProcessor
    processor = transformers.LlavaProcessor(  # type: ignore[no-untyped-call]
        image_processor=images(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}),
        tokenizer=words,
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        chat_template=WORDS + TEMPLATE,
        num_additional_image_tokens=1,
    )
    processor.save_pretrained(folder)
    return folder


def learned(batches: Any) -> dict[str, int]:  # noqa: ANN401 - of a library that is not ours
    """Rows and images in all batches, how many rows differ, and how many tokens of the least are learned."""
    rows, images, different = [], 0, set()
    for batch in batches:
        learns = batch["labels"] != -100
        rows += learns.sum(dim=-1).tolist()
        images += len(batch.get("pixel_values", ()))
        said = zip(batch["input_ids"], learns, strict=True)
        different |= {tuple(told(words, taught)) for words, taught in said}
    return {"rows": len(rows), "images": images, "least": min(rows), "different": len(different)}


def told(words: Any, taught: Any) -> list[int]:  # noqa: ANN401 - of a library that is not ours
    """The tokens of a row up to the last that is learned, after which there may be others to fill a batch."""
    last = taught.nonzero()
    tokens: list[int] = words[: int(last[-1]) + 1].tolist() if len(last) else []
    return tokens
