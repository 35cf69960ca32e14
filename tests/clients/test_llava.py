"""LLaVA 1.5's own `llava.train.train` trains on texts, and on texts and images together."""

from pathlib import Path

import pytest

from tests.clients.client import learned, tell
from tests.clients.mixes import Mix

pytestmark = pytest.mark.clients


def test_every_answer_of_a_mix_of_texts_is_learned(plain: Mix, tmp_path: Path) -> None:
    assert is_learned(plain, tmp_path)


def test_every_answer_of_a_mix_with_images_is_learned(pictured: Mix, tmp_path: Path) -> None:
    assert is_learned(pictured, tmp_path)


def is_learned(mix: Mix, home: Path) -> bool:
    """Whether LLaVA trains on a mix, and its mask of answers never goes astray."""
    told = tell("llava", "train_llava", "warehouse/mixes/clients/llava.json", "photos", home, at=mix.root)
    return learned(told, mix) and "tokenization mismatch" not in told["said"]
