"""LLaMA-Factory 0.9.5 trains by the lines that tgc writes for its training file, in the project's directory."""

from pathlib import Path

import pytest

from tests.clients.client import learned, tell
from tests.clients.mixes import Mix

pytestmark = pytest.mark.clients

LINES = "warehouse/mixes/clients/llamafactory/train.yaml"


def test_every_answer_of_a_mix_of_texts_is_learned(plain: Mix, tmp_path: Path) -> None:
    told = tell("llamafactory", "train_llamafactory", "text", LINES, tmp_path, at=plain.root)
    assert learned(told, plain)


def test_every_answer_of_a_mix_with_images_is_learned(pictured: Mix, tmp_path: Path) -> None:
    told = tell("llamafactory", "train_llamafactory", "vision", LINES, tmp_path, at=pictured.root)
    assert learned(told, pictured)
