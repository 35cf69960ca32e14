"""What stands in for packages that are not installed here."""

import sys
from collections.abc import Sequence
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from tgc import embed


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All texts that the embedder was given, by a package that tells texts apart by their last digit."""
    given: list[str] = []

    class SentenceTransformer:
        def __init__(self, name: str, *, revision: str | None, trust_remote_code: bool) -> None:
            pass

        def encode(self, texts: Sequence[str], **_: object) -> NDArray[np.float64]:
            given.extend(texts)
            return np.eye(10)[[int(text[-1]) for text in texts]]

    package = ModuleType("sentence_transformers")
    monkeypatch.setattr(package, "SentenceTransformer", SentenceTransformer, raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", package)
    embed._load.cache_clear()
    return given
