"""Who reads a file of rows, where nobody says so: by the manifest of its mix, or by its first row."""

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from tgc import records
from tgc.formats.base import MANIFEST, Format
from tgc.records import BrokenFileError


def written_as(path: Path) -> str | None:
    """The format as which tgc has written a file; None where no manifest above it names it."""
    whole = path.resolve()
    listed = (_listed(folder / MANIFEST, whole.relative_to(folder).as_posix()) for folder in whole.parents)
    return next(filter(None, listed), None)


def fitting(path: Path, formats: Iterable[Format]) -> tuple[str, ...]:
    """The formats whose clients would make a conversation of the first row of a file.

    Raises:
        OSError: it cannot be opened.
    """
    try:
        rows = [record.datum for record in islice(records.read(path), 1)]
    except BrokenFileError:
        return ()
    return tuple(
        one.format
        for one in formats
        for row in rows
        if path.suffix in one.reads and isinstance(row, dict) and one.spelled(row).conversation
    )


def _listed(manifest: Path, name: str) -> str | None:
    """What a manifest says of rows of that name, if it is one of ours and does."""
    try:
        files = json.loads(manifest.read_bytes())["files"]
        named = (file for file in files if file["path"] == name and file["rows"] is not None)
        return next((str(file["format"]) for file in named), None)
    except (OSError, ValueError, KeyError, TypeError):
        return None
