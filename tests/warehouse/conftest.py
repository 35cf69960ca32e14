"""An empty warehouse in a temporary directory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tgc.warehouse import Warehouse


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "warehouse" / "tgc.duckdb"


@pytest.fixture
def warehouse(path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(path) as warehouse:
        yield warehouse
