"""The levels of a run as they are kept with it: JSON, by their names."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from tgc.catalog import Record


def spelled(levels: Mapping[str, Record]) -> str:
    """Levels as text."""
    return json.dumps({name: asdict(record) for name, record in levels.items()})


def records(told: str) -> Mapping[str, Record]:
    """Levels from text, parents before children."""
    return {
        name: Record(**{**record, "parts": tuple((part, value) for part, value in record["parts"])})
        for name, record in json.loads(told).items()
    }
