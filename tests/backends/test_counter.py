"""Texts of files are counted as completions are: by the model's tokenizer, with the token that ends a turn."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from tests.models import tiny_llama
from tgc.backends.torch import TorchBackend
from tgc.errors import BackendError
from tgc.origin import Origin


def test_a_text_counts_its_tokens_and_the_one_that_ends_its_turn(tmp_path: Path) -> None:
    folder = str(tiny_llama(tmp_path))
    (tmp_path / "model.safetensors").unlink()
    texts = ["The capital of France is Paris.", "", "Ünter"]
    words = AutoTokenizer.from_pretrained(folder)
    alone = [len(words.tokenize(text)) for text in texts]
    assert TorchBackend().counter(Origin(folder))(texts) == [count + 1 for count in alone]
    assert TorchBackend().counter(Origin(folder))([]) == []


def test_nothing_is_counted_without_a_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="cannot be loaded"):
        TorchBackend().counter(Origin(str(tmp_path)))
