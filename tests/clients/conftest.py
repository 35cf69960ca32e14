"""The mixes that clients are given, of ten thousand rows each: one of texts, one with images among them."""

import pytest

from tests.clients import mixes
from tests.clients.mixes import Mix

SIZE = 10_000


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    return mixes.plain(tmp_path_factory.mktemp("plain") / "project", SIZE)


@pytest.fixture(scope="session")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    return mixes.pictured(tmp_path_factory.mktemp("pictured") / "project", SIZE)
