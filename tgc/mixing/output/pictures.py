"""Where the files of a mix say that images are: in a folder that their client is told, or in the project."""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from os.path import relpath
from pathlib import Path, PurePath

from tgc import ir
from tgc.dialogue import Conversation


def folder(program: ir.Program) -> Path:
    """Where paths of images begin for clients that are told a folder: in that of all sources, or the project's."""
    folders = {blend.images for blend in program.mix.blend if blend.images}
    return folders.pop() if len(folders) == 1 else program.root


def seen_from(start: Path, rows: Iterable[Conversation]) -> Iterator[Conversation]:
    """Rows whose images are named as seen from a directory, where it is known in which folder they are; streaming.

    >>> row = Conversation("1", (), ("a/cat.png",), folder="/project/photos")
    >>> [seen.images for seen in seen_from(Path("/project"), [row])]
    [('photos/a/cat.png',)]
    """

    @cache
    def way(folder: str) -> str:
        return PurePath(relpath(folder, start)).as_posix()

    for row in rows:
        if row.images and row.folder and way(row.folder) != ".":
            images = tuple(posixpath.join(way(row.folder), image) for image in row.images)
            yield replace(row, images=images, folder=str(start))
        else:
            yield row
