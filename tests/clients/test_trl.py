"""TRL 1.16 trains on texts, and on texts and images together: `trl sft`, called in the project's directory."""

import shutil
from pathlib import Path

import pytest

from tests.clients.client import learned, tell
from tests.clients.mixes import Mix

pytestmark = pytest.mark.clients

CONFIG = ("--config", "warehouse/mixes/clients/trl/sft.yaml")
FOLDER = ("--dataset_name", "warehouse/mixes/clients/hf", "--dataset_test_split", "validation")
UNCUT = ("--max_length", "4096")


@pytest.mark.parametrize("given", [CONFIG, FOLDER], ids=["trl", "hf"])
def test_every_answer_of_a_mix_of_texts_is_learned(
    given: tuple[str, ...], plain: Mix, tmp_path: Path
) -> None:
    assert learned(tell("trl", "train_trl", "text", tmp_path, *given, *UNCUT, at=plain.root), plain)


def test_every_completion_of_a_mix_of_prompts_is_learned(plain: Mix, tmp_path: Path) -> None:
    files = {"train": "prompt_completion.jsonl", "validation": "prompt_completion.validation.jsonl"}
    (tmp_path / "data").mkdir()
    for split, name in files.items():
        shutil.copy(plain.folder / name, tmp_path / "data" / f"{split}.jsonl")
    given = ("--dataset_name", tmp_path / "data", "--dataset_test_split", "validation", *UNCUT)
    assert learned(tell("trl", "train_trl", "text", tmp_path, *map(str, given), at=plain.root), plain)


def test_every_answer_of_a_mix_with_images_by_path_is_learned(pictured: Mix, tmp_path: Path) -> None:
    assert learned(tell("trl", "train_trl", "vision", tmp_path, *CONFIG, at=pictured.root), pictured)


def test_every_answer_of_a_mix_that_holds_its_images_is_learned(pictured: Mix, tmp_path: Path) -> None:
    given = (*FOLDER, *UNCUT)
    assert learned(tell("trl", "train_trl", "vision", tmp_path, *given, at=pictured.root), pictured)
