"""Axolotl 0.19 tokenizes texts and collates images by the lines that tgc writes for its training file."""

from pathlib import Path

import pytest

from tests.clients.client import learned, tell
from tests.clients.mixes import Mix

pytestmark = pytest.mark.clients

LINES = "axolotl/train.yaml"


def test_every_answer_of_a_mix_of_texts_is_learned(plain: Mix, tmp_path: Path) -> None:
    lines = plain.folder / LINES
    assert learned(
        tell("axolotl", "train_axolotl", "text", plain.root, lines, tmp_path, at=plain.root), plain
    )


def test_every_answer_of_a_mix_with_images_is_learned(pictured: Mix, tmp_path: Path) -> None:
    given = (pictured.root, pictured.folder / LINES, tmp_path)
    assert learned(tell("axolotl", "train_axolotl", "vision", *given, at=pictured.photos), pictured)
