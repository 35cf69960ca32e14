"""The images of a row: by their paths, which may have to be there, or in the row itself."""

import os
import posixpath
import re
from base64 import b64decode
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path, PurePath

from tgc.dialogue import Conversation
from tgc.readers.base import magic
from tgc.readers.base.bad_row import BadRowError
from tgc.records import Record

FOLDER = "images"
"""Where the images that stand in rows are put, in the directory of a mix."""

METADATA = "metadata"
"""How a file is called whose rows are of the images beside it."""

INLINE = re.compile(r"data:image/[a-z0-9.+-]+;base64,", re.IGNORECASE)
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|data:", re.IGNORECASE)
"""How the name of an image begins that is not a path."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image by its path; one that stands in the row itself has the path that its file is to have."""

    path: str
    content: bytes | None = field(default=None, repr=False)


def picture(given: object) -> Picture:
    """An image by its path, as `datasets` or verl name it, or as it stands in the row.

    Raises:
        BadRowError: it is none of these.
    """
    match given:
        case bytes():
            return held(given)
        case {"bytes": bytes(content)}:
            return held(content)
        case {"path": str(path)} | {"image": str(path)} | str(path):
            return _named(path)
        case _:
            raise BadRowError("an image should be a path, or bytes")


def held(content: bytes) -> Picture:
    r"""An image that stands in a row, named by what it is.

    >>> held(b"\x89PNG").path
    'images/070d3b3c795cd5e15ad12953ce31f4e3.png'

    Raises:
        BadRowError: it is no image.
    """
    kind = magic.kind(content[: magic.LENGTH])
    if kind is None:
        raise BadRowError("an image is in no known format")
    return Picture(f"{FOLDER}/{blake2b(content, digest_size=16).hexdigest()}.{kind}", content)


def _named(path: str) -> Picture:
    """An image by a path, or by an address that holds it (RFC 2397)."""
    inline = INLINE.match(path)
    if inline:
        return held(_decoded(path[inline.end() :]))
    if ADDRESS.match(path):
        raise BadRowError("an image is an address, not a path", f": `{path[:40]}`")
    return Picture(path)


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise BadRowError("an image is not base64") from error


def is_of_images(file: Path) -> bool:
    """Whether the rows of a file are of images beside it (`imagefolder` of `datasets`)."""
    return file.name.partition(".")[0] == METADATA


def beside(record: Record, file: Path, folder: Path) -> Record:
    """A row whose image is named from its file, with the image as a folder above the file names it."""
    home = file.parent.relative_to(folder).as_posix() if file.is_relative_to(folder) else "."
    match record.datum:
        case {"file_name": str(name), **row}:
            names = [name]
        case {"file_names": list(names), **row}:
            pass
        case _:
            return record
    images = [posixpath.normpath(posixpath.join(home, str(name))) for name in names]
    return replace(record, datum={**row, "images": [*several(row.get("images")), *images]})


def several(given: object) -> list[object]:
    """What may be left out, or be one or several."""
    if isinstance(given, list):
        return given
    return [given] if given else []


def located(found: Conversation, folder: Path | None) -> Conversation:
    """The same, of images that are in a folder, if one is given.

    Raises:
        BadRowError: one is not there, or not an image, or stands in the row where another does not.
    """
    if found.held and set(found.images) - set(found.held):
        raise BadRowError("of several images one is held in the row, and one is not")
    if not folder or not found.images or found.held:
        return found
    for image in found.images:
        _look(folder, image)
    return replace(found, folder=str(folder))


def _look(folder: Path, image: str) -> None:
    if image.startswith("/") or (".." in image and ".." in PurePath(image).parts):
        raise BadRowError("an image is outside of its folder", f": `{image}`")
    wrong = unseen(folder, image)
    if wrong:
        raise BadRowError(wrong, f": `{image}`")


def unseen(folder: Path, image: str) -> str | None:
    """Why a file is no image; None where its first bytes are those of one."""
    try:
        head = _head(os.path.join(folder, image))  # noqa: PTH118 - for each of a million
    except (OSError, ValueError):  # a name may be none, such as one with NUL
        return "an image is not there"
    return None if magic.kind(head) else "an image is in no known format"


def _head(path: str) -> bytes:
    """The first bytes of a file; unbuffered, for it is done for each of a million."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, magic.LENGTH)
    finally:
        os.close(descriptor)
