"""The images of a row: by their paths, which may have to be there."""

import os
import re
from dataclasses import replace
from pathlib import Path, PurePath

from tgc.dialogue import Conversation
from tgc.readers.base import magic
from tgc.readers.base.bad_row import BadRowError

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|data:", re.IGNORECASE)
"""How the name of an image begins that is not a path."""


def path(given: object) -> str:
    """The path of an image, by itself or as `datasets` keeps it.

    Raises:
        BadRowError: it is no path.
    """
    named = given.get("path") if isinstance(given, dict) else given
    if isinstance(given, dict) and given.get("bytes") is not None:
        raise BadRowError("an image is held in the row; write it to a file")
    if not isinstance(named, str):
        raise BadRowError("an image should be a path")
    if ADDRESS.match(named):
        raise BadRowError("an image is an address, not a path", f": `{named[:40]}`")
    return named


def several(given: object) -> list[object]:
    """What may be left out, or be one or several."""
    if isinstance(given, list):
        return given
    return [given] if given else []


def located(found: Conversation, folder: Path | None) -> Conversation:
    """The same, of images that are in a folder, if one is given.

    Raises:
        BadRowError: one is not there, or not an image.
    """
    if not folder or not found.images:
        return found
    for image in found.images:
        _look(folder, image)
    return replace(found, folder=str(folder))


def _look(folder: Path, image: str) -> None:
    if ".." in image and ".." in PurePath(image).parts:
        raise BadRowError("an image is outside of its folder", f": `{image}`")
    try:
        head = _head(f"{folder}/{image}")
    except (OSError, ValueError) as error:  # a name may be none, such as one with NUL
        raise BadRowError("an image is not there", f": `{image}`") from error
    if not magic.kind(head):
        raise BadRowError("an image is in no known format", f": `{image}`")


def _head(path: str) -> bytes:
    """The first bytes of a file; unbuffered, for it is done for each of a million."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, magic.LENGTH)
    finally:
        os.close(descriptor)
