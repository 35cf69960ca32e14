"""TRL 1.16 trains on texts, and on texts and images together."""

from pathlib import Path

import pytest

from tests.clients.client import learned, tell
from tests.clients.mixes import Mix

pytestmark = pytest.mark.clients


@pytest.mark.parametrize("output", ["trl", "hf"])
def test_every_answer_of_a_mix_of_texts_is_learned(output: str, plain: Mix, tmp_path: Path) -> None:
    told = tell("trl", "train_trl", "text", plain.folder / output, tmp_path, at=plain.root)
    assert learned(told, plain)


def test_every_answer_of_a_mix_with_images_by_path_is_learned(pictured: Mix, tmp_path: Path) -> None:
    told = tell("trl", "train_trl", "vision", pictured.folder / "trl", tmp_path, at=pictured.photos)
    assert learned(told, pictured)


def test_every_answer_of_a_mix_that_holds_its_images_is_learned(pictured: Mix, tmp_path: Path) -> None:
    told = tell("trl", "train_trl", "vision", pictured.folder / "hf", tmp_path, at=pictured.root)
    assert learned(told, pictured)
