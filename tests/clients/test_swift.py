"""ms-swift 4.6 trains on texts, and on texts and images together, and tells of each source."""

from pathlib import Path
from typing import Any

import pytest

from tests.clients.client import learned, tell
from tests.clients.mixes import Mix

pytestmark = pytest.mark.clients

FILES = ("warehouse/mixes/clients/swift.jsonl", "warehouse/mixes/clients/swift.validation.jsonl")


def test_every_answer_of_a_mix_of_texts_is_learned(plain: Mix, tmp_path: Path) -> None:
    told = trained(plain, tmp_path)
    assert learned(told, plain)
    assert told["channels"] == ["chats.jsonl", "clients"]


def test_every_answer_of_a_mix_with_images_is_learned(pictured: Mix, tmp_path: Path) -> None:
    told = trained(pictured, tmp_path)
    assert learned(told, pictured)
    assert told["channels"] == ["chats.jsonl", "clients", "seen.json"]


def trained(mix: Mix, home: Path) -> dict[str, Any]:
    """What ms-swift tells, which is run in the project's directory."""
    return tell("swift", "train_swift", *FILES, home, at=mix.root)
