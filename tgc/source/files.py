"""Files that a recipe is made of or names, as text."""

from pathlib import Path

from tgc.errors import Diagnostic, RecipeError
from tgc.source.extent import span


def read(path: Path, shown: str) -> str:
    """A file's text, without a byte order mark.

    Raises:
        RecipeError: there is no such file, or it is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problem = Diagnostic("missing-file", f"`{shown}` cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        start = path.read_bytes()[: error.start].decode("utf-8", "replace")
        place = span(shown, start, len(start), len(start))
        hint = "save the file as UTF-8"
        problem = Diagnostic("not-utf8", f"`{shown}` is not UTF-8 text", place, hint)
    raise RecipeError([problem])


def is_file(path: Path) -> bool:
    """Whether a file is there; a path too long or too odd to exist names none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def leads_out(path: Path, *homes: Path) -> bool:
    """Whether a path leads out of all of these directories; one too odd to exist leads nowhere."""
    try:
        place = path.resolve()
    except (OSError, ValueError):
        return False
    return not any(place.is_relative_to(home.resolve()) for home in homes)


def is_directory(path: Path) -> bool:
    """Whether a directory is there; a path too long or too odd to exist names none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False
