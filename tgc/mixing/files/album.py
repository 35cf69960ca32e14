"""Images that rows of files hold: aside until a mix is written, then files of their own, which it names."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from tgc.dialogue import Conversation
from tgc.readers.base import FOLDER

OURS = re.compile(r"[0-9a-f]{32}\.[a-z0-9]+")
"""What we call a file: by what it holds."""

Extent = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """Images by their names, each once.

    Attributes:
        directory: of the mix, in which they are to be files.
        shelf: where they are until then, between rows.
        extents: where each begins there, and how long it is.
    """

    directory: Path
    shelf: BinaryIO
    extents: dict[str, Extent] = field(default_factory=dict)

    def without(self, row: Conversation) -> Conversation:
        """A row without the images that it holds, which are kept here."""
        if not row.held:
            return row
        for name, content in row.held.items():
            if name not in self.extents:
                self.extents[name] = (self.shelf.tell(), self.shelf.write(content))
        return replace(row, held={}, folder=str(self.directory))

    def at_home(self, row: Conversation) -> Conversation:
        """A row that was kept, with its images where they are to be."""
        ours = row.images and row.images[0] in self.extents
        return replace(row, folder=str(self.directory)) if ours else row

    def write(self, names: Iterable[str]) -> frozenset[Path]:
        """Make files of those among some images that are kept here, where there are none; which they are."""
        written = set()
        for name in names:
            if name in self.extents:
                written.add(path := self.directory / name)
                if not path.exists():
                    self._write(path, *self.extents[name])
        return frozenset(written)

    def _write(self, path: Path, start: int, size: int) -> None:
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_suffix(".tmp")
        unfinished.write_bytes(os.pread(self.shelf.fileno(), size, start))
        unfinished.replace(path)


def hung(directory: Path) -> frozenset[Path]:
    """The images that are there of the mix in a directory, or of earlier ones."""
    below = (directory / FOLDER).glob("*")
    return frozenset(path for path in below if OURS.fullmatch(path.name))


def forget(directory: Path, used: frozenset[Path]) -> None:
    """Delete the images of earlier mixes in a directory, and nothing else."""
    for path in hung(directory) - used:
        path.unlink()
