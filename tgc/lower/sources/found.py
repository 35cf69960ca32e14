"""A file that a source stands for, before it is looked into."""

from dataclasses import dataclass
from pathlib import Path

from tgc.records import ALL, Take


@dataclass(frozen=True, slots=True)
class Found:
    """Where a file is, and how much of it is meant."""

    path: Path
    take: Take = ALL
