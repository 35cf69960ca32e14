"""The mixes that clients are given: a few hundred rows to train on, and ten thousand to load."""

import pytest

from tests.clients import mixes
from tests.clients.mixes import Mix


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    return mixes.plain(tmp_path_factory.mktemp("plain") / "project", 240)


@pytest.fixture(scope="session")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    return mixes.pictured(tmp_path_factory.mktemp("pictured") / "project", 240)


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    return mixes.plain(tmp_path_factory.mktemp("large") / "project", 10_000)


@pytest.fixture(scope="session")
def large_pictured(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    return mixes.pictured(tmp_path_factory.mktemp("large-pictured") / "project", 10_000)
