"""The images of a row: by their paths, which may have to be there."""

import os
from dataclasses import replace
from pathlib import Path

from tgc.dialogue import Conversation
from tgc.readers.base.bad_row import BadRowError

ELSEWHERE = ("http://", "https://", "data:")
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
    if named.startswith(ELSEWHERE):
        raise BadRowError("an image is not a file", f": `{named[:40]}`")
    return named


def several(given: object) -> list[object]:
    """What may be left out, or be one or several."""
    if isinstance(given, list):
        return given
    return [given] if given else []


def located(found: Conversation, folder: Path | None) -> Conversation:
    """The same, of images that are in a folder, if one is given."""
    if not folder or not found.images:
        return found
    for image in found.images:
        if not os.path.isfile(f"{folder}/{image}"):  # noqa: PTH113 - four times as fast, for each of a million
            raise BadRowError("an image is not there", f": `{image}`")
    return replace(found, folder=str(folder))
