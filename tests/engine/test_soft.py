"""Learned prompts that peft made on the spot, on tiny models: what peft's own model writes, tgc writes."""

import json
import sys
from pathlib import Path

import pytest
import torch
from peft import PeftModel, PrefixTuningConfig, PromptEncoderConfig, PromptTuningConfig
from peft.config import PeftConfig
from safetensors.torch import load_file, save_file
from torch import nn

from tests.engine.test_adapters import CPU, changed, plain, saved, silence, tied
from tests.models import ARCHITECTURES, tiny, tiny_llama
from tgc.engine.drawing.sequence import Sequence
from tgc.engine.engine import Engine
from tgc.engine.loading import adapters, checkpoint, soft
from tgc.engine.loading.checkpoint import Checkpoint
from tgc.errors import BackendError
from tgc.origin import Origin
from tgc.sampling import Sampling

PROMPT = (1, 40, 41, 42, 43)
LENGTH = 12
KINDS: dict[str, PeftConfig] = {
    "PROMPT_TUNING": PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3),
    "P_TUNING": PromptEncoderConfig(task_type="CAUSAL_LM", num_virtual_tokens=3, encoder_hidden_size=16),
}


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("llama"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES))
def test_greedy_tokens_after_a_learned_prompt_are_those_of_peft(
    architecture: str, kind: str, tmp_path: Path
) -> None:
    base = tiny(tmp_path / "base", architecture)
    adapter = saved(base, tmp_path / "adapter", KINDS[kind])
    found = load(base, adapter)
    assert written(found, PROMPT) == by_peft(base, adapter, PROMPT)
    assert not torch.allclose(logits(found, found.head + PROMPT), logits(found, PROMPT))


def test_with_tied_embeddings_the_output_head_stays_as_it_was(llama: Path, tmp_path: Path) -> None:
    base = tied(llama, tmp_path / "base")
    adapter = saved(base, tmp_path / "adapter", KINDS["PROMPT_TUNING"])
    found, alone = load(base, adapter), checkpoint.load(Origin(str(base)), CPU)
    assert written(found, PROMPT) == by_peft(base, adapter, PROMPT)
    assert torch.equal(logits(found, PROMPT), logits(alone, PROMPT))


def test_the_ids_of_a_learned_prompt_follow_those_of_the_vocabulary(llama: Path, tmp_path: Path) -> None:
    found = load(llama, saved(llama, tmp_path, KINDS["PROMPT_TUNING"]))
    size = found.model.config.vocab_size
    assert found.head == (size, size + 1, size + 2)
    assert logits(found, found.head).shape == (size,)


def test_a_model_without_a_learned_prompt_has_no_head(llama: Path) -> None:
    assert checkpoint.load(Origin(str(llama)), CPU).head == ()


def test_a_learned_prompt_goes_before_what_is_merged(llama: Path, tmp_path: Path) -> None:
    other, whole = tiny(tmp_path / "other", seed=1), tmp_path / "whole"
    merged = Origin(str(llama), merge=((Origin(str(other)), 0.5),))
    changed(llama, whole, "config.json")
    checkpoint.load(merged, CPU).model.save_pretrained(whole)
    adapter = saved(llama, tmp_path / "adapter", KINDS["PROMPT_TUNING"])
    found = checkpoint.load(Origin(str(llama), merge=merged.merge, adapter=Origin(str(adapter))), CPU)
    assert written(found, PROMPT) == by_peft(whole, adapter, PROMPT)


def test_a_repetition_penalty_passes_over_a_learned_prompt(llama: Path, tmp_path: Path) -> None:
    adapter = saved(llama, tmp_path, KINDS["PROMPT_TUNING"])
    found = load(llama, adapter)
    asked = PROMPT + written(found, PROMPT)
    penalised = written(found, asked, penalty=9.0)
    assert penalised == by_peft(llama, adapter, asked, repetition_penalty=9.0)
    assert penalised != written(found, asked)


def test_a_learned_prompt_in_bfloat16_is_in_bfloat16(llama: Path, tmp_path: Path) -> None:
    adapter = saved(llama, tmp_path, KINDS["PROMPT_TUNING"])
    found = checkpoint.load(Origin(str(llama), adapter=Origin(str(adapter))), CPU, "bfloat16")
    assert {weight.dtype for weight in found.model.parameters()} == {torch.bfloat16}
    assert found.model(torch.tensor([found.head])).logits.dtype == torch.bfloat16


def test_the_length_of_a_head_is_known_before_weights_are_loaded(llama: Path, tmp_path: Path) -> None:
    adapter = saved(llama, tmp_path, KINDS["P_TUNING"])
    assert adapters.head_length(Origin(str(adapter))) == 3
    assert adapters.head_length(None) == 0


def test_an_adapter_that_is_not_there_has_no_length(tmp_path: Path) -> None:
    (tmp_path / "adapter_model.safetensors").touch()
    with pytest.raises(BackendError, match="cannot be loaded"):
        adapters.head_length(Origin(str(tmp_path)))


def test_a_learned_prompt_needs_no_peft(llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = saved(llama, tmp_path, KINDS["PROMPT_TUNING"])
    monkeypatch.setitem(sys.modules, "peft", None)
    assert len(load(llama, adapter).head) == 3


def test_a_learned_prompt_of_a_wider_model_is_refused(llama: Path, tmp_path: Path) -> None:
    adapter = saved(llama, tmp_path, KINDS["PROMPT_TUNING"])
    save_file({"prompt_embeddings": torch.zeros(3, 48)}, adapter / "adapter_model.safetensors")
    with pytest.raises(
        BackendError, match=r"does not fit the model: its vectors have a width of 48, .* of 32"
    ):
        load(llama, adapter)


@pytest.mark.parametrize("flaw", ["missing", "too few", "flat", "surplus"])
def test_a_file_without_the_vectors_that_the_config_says_is_refused(
    flaw: str, llama: Path, tmp_path: Path
) -> None:
    adapter = saved(llama, tmp_path, KINDS["PROMPT_TUNING"])
    file = adapter / "adapter_model.safetensors"
    vectors = load_file(file)["prompt_embeddings"]
    flawed = {
        "missing": {"other": vectors},
        "too few": {"prompt_embeddings": vectors[:2]},
        "flat": {"prompt_embeddings": vectors[:, 0].contiguous()},
        "surplus": {"prompt_embeddings": vectors, "lm_head": vectors.clone()},
    }
    save_file(flawed[flaw], file)
    with pytest.raises(BackendError, match=r"is not 3 vectors by the name `prompt_embeddings`"):
        load(llama, adapter)


def test_keys_and_values_that_were_learned_are_refused_by_kind(llama: Path, tmp_path: Path) -> None:
    config = PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3)
    with pytest.raises(BackendError, match=r"is of the kind `PREFIX_TUNING`, which is more than weights"):
        load(llama, saved(llama, tmp_path, config))


def test_a_config_that_is_cut_short_is_refused(llama: Path, tmp_path: Path) -> None:
    adapter = saved(llama, tmp_path, KINDS["PROMPT_TUNING"])
    config = adapter / "adapter_config.json"
    said = json.loads(config.read_text())
    config.write_text(json.dumps({key: said[key] for key in said if key != "num_virtual_tokens"}))
    with pytest.raises(BackendError, match="cannot be loaded: 'num_virtual_tokens'"):
        load(llama, adapter)


def test_a_model_that_looks_tokens_up_in_every_layer_is_refused(llama: Path) -> None:
    model = plain(llama)
    model.config.vocab_size_per_layer_input = 8
    with pytest.raises(ValueError, match="a model of the type `llama` looks tokens up in every layer"):
        soft.prepend(model, torch.zeros(3, 32))


def test_ids_of_words_and_of_a_learned_prompt_may_come_in_any_order() -> None:
    words = nn.Embedding(5, 4)
    learned = torch.randn(2, 4)
    found = soft.Embedding(words, learned, 5)(torch.tensor([[6, 0], [4, 5]]))
    assert torch.equal(found[:, 0], torch.stack([learned[1], words.weight[4]]))
    assert torch.equal(found[:, 1], torch.stack([words.weight[0], learned[0]]))


def load(base: Path, adapter: Path) -> Checkpoint:
    return checkpoint.load(Origin(str(base), adapter=Origin(str(adapter))), CPU, "float32")


@torch.inference_mode()
def logits(loaded: Checkpoint, ids: tuple[int, ...]) -> torch.Tensor:
    """What the model says comes next."""
    last: torch.Tensor = loaded.model(torch.tensor([ids])).logits[0, -1]
    return last


def written(loaded: Checkpoint, prompt: tuple[int, ...], penalty: float = 1.0) -> tuple[int, ...]:
    """The likeliest tokens after the head and a prompt."""
    sampling = Sampling(temperature=0.0, repetition_penalty=penalty)
    asked = Sequence("key", loaded.head + prompt, sampling, seed=1, max_tokens=LENGTH)
    (output,) = Engine(loaded.model, loaded.pad_id, 4).run([asked])
    return output.tokens


def by_peft(base: Path, adapter: Path, prompt: tuple[int, ...], **options: float) -> tuple[int, ...]:
    """What `generate` writes, held to its length."""
    ids = torch.tensor([prompt])
    length = {"min_new_tokens": LENGTH, "max_new_tokens": LENGTH}
    with silence():
        model = PeftModel.from_pretrained(plain(base), str(adapter))
        tokens = model.generate(  # type: ignore[no-untyped-call]
            input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, **length, **options
        )
    return tuple(tokens[0, len(prompt) :].tolist())
