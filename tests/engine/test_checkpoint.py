"""What is loaded beside weights: the tokenizer once, and the type of the weights."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from tests.engine.test_adapters import CPU, changed
from tests.models import tiny_llama
from tgc.engine.loading import checkpoint
from tgc.errors import BackendError
from tgc.origin import Origin


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("llama"))


def test_a_tokenizer_that_is_given_is_not_loaded_again(llama: Path, tmp_path: Path) -> None:
    words = checkpoint.tokenizer(Origin(str(llama)))
    bare = changed(llama, tmp_path / "bare", "config.json")
    for file in bare.glob("tokenizer*"):
        file.unlink()
    assert checkpoint.load(Origin(str(bare)), CPU, words=words).tokenizer is words
    with pytest.raises(BackendError, match="cannot be loaded"):
        checkpoint.load(Origin(str(bare)), CPU)


@pytest.mark.parametrize("saved", [torch.bfloat16, torch.float16, torch.float32])
def test_a_cpu_loads_float32_unless_another_type_is_asked_for(
    saved: torch.dtype, llama: Path, tmp_path: Path
) -> None:
    narrow = changed(llama, tmp_path / "narrow", "config.json")
    AutoModelForCausalLM.from_pretrained(llama, dtype=saved).save_pretrained(narrow)
    assert types(narrow, "auto") == {torch.float32}
    assert types(narrow, "bfloat16") == {torch.bfloat16}


def types(model: Path, dtype: str) -> set[torch.dtype]:
    return {weight.dtype for weight in checkpoint.load(Origin(str(model)), CPU, dtype).model.parameters()}
