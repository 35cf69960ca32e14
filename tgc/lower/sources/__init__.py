"""The files that a source of `blend` stands for: one, those of a pattern, of a list, or of a folder."""

from pathlib import Path

from tgc import source
from tgc.errors import Diagnostic, RecipeError
from tgc.lower.around import Around
from tgc.lower.sources import folder, listed
from tgc.lower.sources.braces import spelled
from tgc.lower.sources.found import Found
from tgc.lower.sources.listed import named
from tgc.readers.base import Reader

__all__ = ["Found", "find", "named", "spelled"]


def find(reader: Reader, around: Around, home: Path, seed: int) -> tuple[Path, tuple[Found, ...]]:
    """Where a source is, and its files if it is not one itself; `seed` draws from those of which a part is taken.

    Raises:
        RecipeError: something is not there, or is not what its name says.
    """
    names = spelled(reader.source)
    if len(names) > 1:
        return Path(reader.source), tuple(Found(around.data(home, name)) for name in names)
    path = around.data(home, reader.source)
    if source.is_directory(path):
        return path, folder.files(path, reader)
    subset = reader.config or reader.split
    if subset is not None:
        message = f"`{reader.source}` is no folder, of which `{subset}` could be a part"
        raise RecipeError([Diagnostic("unknown-subset", message, None, "a file is taken as it is")])
    return path, listed.files(path, around, home, seed) if path.suffix in source.SUFFIXES else ()
