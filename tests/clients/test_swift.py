"""ms-swift 4.6 trains on texts, and on texts and images together, and tells of each source."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients.client import learned, tell
from tests.clients.mixes import Mix

pytestmark = pytest.mark.clients


def test_every_answer_of_a_mix_of_texts_is_learned(plain: Mix, tmp_path: Path) -> None:
    told = trained(plain, tmp_path)
    assert learned(told, plain)
    assert told["channels"] == ["chats.jsonl", "clients"]


def test_every_answer_of_a_mix_with_images_is_learned(pictured: Mix, tmp_path: Path) -> None:
    told = trained(pictured, tmp_path)
    assert learned(told, pictured)
    assert told["channels"] == ["chats.jsonl", "clients", "seen.json"]


def trained(mix: Mix, home: Path) -> dict[str, Any]:
    """What ms-swift tells, which is told where images are by a variable."""
    files = (mix.folder / "swift.jsonl", mix.folder / "swift.validation.jsonl")
    return tell("swift", "train_swift", *files, home, at=mix.root, ROOT_IMAGE_DIR=str(mix.photos))
