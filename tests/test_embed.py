"""Sentence vectors need an optional package."""

import sys

import pytest

from tgc import embed
from tgc.errors import BackendError


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(BackendError, match="needs the package sentence-transformers") as caught:
        embed.vectors("all-MiniLM-L6-v2", ["a"])
    assert "tgc[embed]" in str(caught.value.hint)
