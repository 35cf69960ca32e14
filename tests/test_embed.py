"""Sentence vectors need an optional package."""

import sys
from types import ModuleType

import numpy as np
import pytest

from tgc import embed
from tgc.errors import BackendError


class SentenceTransformer:
    """As much of the real one as is called."""

    def __init__(self, name: str, *, revision: str | None, trust_remote_code: bool) -> None:
        if (name, revision) != ("known", "abc") or trust_remote_code:
            raise OSError(f"{name} is not a local folder")

    def encode(
        self, texts: list[str], *, normalize_embeddings: bool, show_progress_bar: bool
    ) -> list[list[float]]:
        assert normalize_embeddings
        return [[1.0, 0.0] for _ in texts]


@pytest.fixture
def _package(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("sentence_transformers")
    monkeypatch.setattr(module, "SentenceTransformer", SentenceTransformer, raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)


@pytest.mark.usefixtures("_package")
def test_vectors_are_float32_one_per_text() -> None:
    found = embed.vectors("known", "abc", ["a", "b"])
    assert found.shape == (2, 2)
    assert found.dtype == np.dtype("float32")


@pytest.mark.usefixtures("_package")
def test_an_unknown_embedder_is_an_error() -> None:
    with pytest.raises(BackendError, match="the embedder `unknown` cannot be loaded"):
        embed.vectors("unknown", None, ["a"])


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(BackendError, match="needs the package sentence-transformers") as caught:
        embed.vectors("all-MiniLM-L6-v2", None, ["a"])
    assert "tgc[embed]" in str(caught.value.hint)
