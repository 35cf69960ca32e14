"""verl 0.9's own dataset of chats reads every row, and a model learns from them."""

from pathlib import Path

import pytest

from tests.clients.client import learned, tell
from tests.clients.mixes import Mix

pytestmark = pytest.mark.clients

FILE = "warehouse/mixes/clients/verl.parquet"


def test_every_answer_of_a_mix_of_texts_is_learned(plain: Mix, tmp_path: Path) -> None:
    assert learned(tell("verl", "train_verl", "text", FILE, tmp_path, at=plain.root), plain)


def test_every_answer_of_a_mix_with_images_is_learned(pictured: Mix, tmp_path: Path) -> None:
    assert learned(tell("verl", "train_verl", "vision", FILE, tmp_path, at=pictured.root), pictured)
