"""Adapters that peft made on the spot, on tiny models: what peft's own model writes, tgc writes."""

import json
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.config import PeftConfig
from transformers import AutoModelForCausalLM, PreTrainedModel

from tests.models import ARCHITECTURES, tiny, tiny_llama, tokenizer
from tgc.backends.base import Completion, Request
from tgc.backends.torch import TorchBackend
from tgc.dialogue import Message
from tgc.engine.loading import checkpoint
from tgc.errors import BackendError
from tgc.origin import Origin
from tgc.sampling import Sampling

CPU = torch.device("cpu")
ASKED = Request(
    key=f"{1:032x}",
    messages=(Message("user", "What is the capital of France?"),),
    role="assistant",
    sampling=Sampling(temperature=0.0),
    max_tokens=24,
    seed=1,
)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("llama"))


@pytest.mark.parametrize("architecture", sorted(ARCHITECTURES))
def test_greedy_text_with_an_adapter_is_that_of_peft(architecture: str, tmp_path: Path) -> None:
    base = tiny(tmp_path / "base", architecture)
    adapter = lora(base, tmp_path / "adapter")
    assert written(Origin(str(base), adapter=Origin(str(adapter)))) == by_peft(base, adapter)
    assert written(Origin(str(base))) != by_peft(base, adapter)


def test_a_merged_adapter_leaves_a_model_of_its_own_layers(llama: Path, tmp_path: Path) -> None:
    adapter = lora(llama, tmp_path)
    assert names(load(llama, adapter)) == names(checkpoint.load(Origin(str(llama)), CPU, "float32").model)


@pytest.mark.parametrize(
    "options", [{"lora_bias": True}, {"target_modules": ["lm_head"]}], ids=["bias", "tied embeddings"]
)
def test_an_adapter_that_no_weights_can_hold_stays_beside_them(
    options: dict[str, Any], llama: Path, tmp_path: Path
) -> None:
    base = tied(llama, tmp_path / "base") if "target_modules" in options else llama
    adapter = lora(base, tmp_path / "adapter", **options)
    assert any("lora_A" in name for name in names(load(base, adapter)))
    assert written(Origin(str(base), adapter=Origin(str(adapter)))) == by_peft(base, adapter)


def test_an_adapter_comes_on_top_of_what_is_merged(llama: Path, tmp_path: Path) -> None:
    other, whole = tiny(tmp_path / "other", seed=1), tmp_path / "whole"
    adapter = lora(llama, tmp_path / "adapter")
    merge = ((Origin(str(other)), 0.5),)
    shutil.copytree(llama, whole)
    checkpoint.load(Origin(str(llama), merge=merge), CPU, "float32").model.save_pretrained(whole)
    together = Origin(str(llama), merge=merge, adapter=Origin(str(adapter)))
    assert written(together) == by_peft(whole, adapter)


def test_an_adapter_of_a_deeper_model_is_refused_by_name(llama: Path, tmp_path: Path) -> None:
    adapter = lora(llama, tmp_path / "adapter")
    shallow = changed(llama, tmp_path / "shallow", "config.json", num_hidden_layers=1)
    with pytest.raises(BackendError, match=r"does not fit the model: 14 tensors are for no layer"):
        load(shallow, adapter)


def test_an_adapter_that_lacks_layers_is_refused_by_name(llama: Path, tmp_path: Path) -> None:
    shallow = changed(llama, tmp_path / "shallow", "config.json", num_hidden_layers=1)
    adapter = lora(shallow, tmp_path / "adapter", target_modules=["q_proj", "v_proj"])
    with pytest.raises(BackendError, match=r"does not fit the model: 4 tensors are missing \(`base_model"):
        load(llama, adapter)


def test_an_adapter_of_a_wider_model_is_refused(llama: Path, tmp_path: Path) -> None:
    adapter = lora(llama, tmp_path / "adapter")
    other = tiny(tmp_path / "other", "gpt2")
    with pytest.raises(BackendError, match=r"the adapter `.*` cannot be loaded: "):
        load(other, adapter)


@pytest.mark.parametrize("file", ["adapter_config.json", "adapter_model.safetensors"])
def test_an_incomplete_adapter_is_an_error_with_a_hint(file: str, llama: Path, tmp_path: Path) -> None:
    adapter = lora(llama, tmp_path)
    (adapter / file).unlink()
    with pytest.raises(BackendError, match="cannot be loaded") as caught:
        load(llama, adapter)
    assert caught.value.hint is not None


def test_pickled_weights_are_not_read(llama: Path, tmp_path: Path) -> None:
    adapter = lora(llama, tmp_path)
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    with pytest.raises(BackendError, match=r"there is no `adapter_model.safetensors`"):
        load(llama, adapter)


def test_without_peft_the_extra_is_named(
    llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = lora(llama, tmp_path)
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(BackendError, match="needs the package peft") as caught:
        load(llama, adapter)
    assert caught.value.hint == "`pip install 'tgc[adapters]'`"


def test_adapting_says_nothing(llama: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    adapter = lora(llama, tmp_path)
    capfd.readouterr()
    load(llama, adapter)
    assert capfd.readouterr() == ("", "")


def lora(base: Path, folder: Path, **options: Any) -> Path:  # noqa: ANN401 - options of many types
    """A directory with a LoRA adapter of random weights, large enough to change what is written."""
    said = {"target_modules": "all-linear", "r": 4, "lora_alpha": 16, **options}
    return saved(base, folder, LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False, **said))


def saved(base: Path, folder: Path, config: PeftConfig) -> Path:
    with torch.random.fork_rng(), silence():
        torch.manual_seed(7)
        get_peft_model(plain(base), config).save_pretrained(str(folder))
    return folder


def tied(model: Path, folder: Path) -> Path:
    folder = changed(model, folder, "config.json", tie_word_embeddings=True)
    plain(folder).save_pretrained(folder)
    return folder


def changed(model: Path, folder: Path, file: str, **settings: object) -> Path:
    shutil.copytree(model, folder)
    held = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps({**held, **settings}))
    return folder


def plain(model: Path) -> PreTrainedModel:
    loaded: PreTrainedModel = AutoModelForCausalLM.from_pretrained(model, dtype="float32")
    return loaded


def load(base: Path, adapter: Path) -> PreTrainedModel:
    return checkpoint.load(Origin(str(base), adapter=Origin(str(adapter))), CPU, "float32").model


def names(model: PreTrainedModel) -> list[str]:
    return [name for name, _ in model.named_parameters()]


def written(origin: Origin) -> str:
    with TorchBackend(device="cpu").open(origin) as session:
        session.submit([ASKED])
        (result,) = session.step()
    assert isinstance(result, Completion)
    return result.text


def by_peft(base: Path, adapter: Path) -> str:
    """What `generate` writes with an adapter that is not merged."""
    words = tokenizer("chatml")
    chat = [{"role": "user", "content": ASKED.messages[0].content}]
    text = str(words.apply_chat_template(chat, tokenize=False, add_generation_prompt=True))
    prompt = torch.tensor([words.encode(text, add_special_tokens=False)])
    ends = [words.eos_token_id, words.convert_tokens_to_ids("<|im_end|>")]
    options = {"max_new_tokens": ASKED.max_tokens, "do_sample": False, "eos_token_id": ends}
    with silence():
        model = PeftModel.from_pretrained(plain(base), str(adapter))
        tokens = model.generate(input_ids=prompt, **options)  # type: ignore[no-untyped-call]
    return str(words.decode(tokens[0, prompt.shape[1] :], skip_special_tokens=True)).strip()


@contextmanager
def silence() -> Iterator[None]:
    """peft asks transformers for what is deprecated there."""
    with warnings.catch_warnings(action="ignore"):
        yield
