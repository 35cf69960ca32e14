"""What goes wrong: spans of source text, diagnostics about them, and the errors that carry them."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, Literal

MOST_CANDIDATES = 8


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line of a source file; line and column count from 1, in characters."""

    path: str
    line: int
    column: int
    length: int
    text: str  # the whole line, so that a snippet can be shown without opening the file again


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem of a recipe: what is wrong where, under a stable code, and what would be right."""

    code: str
    message: str
    span: Span | None = None
    hint: str | None = None
    severity: Literal["error", "warning"] = "error"

    @property
    def place(self) -> tuple[str, int, int, str]:
        """Sort key: by file, line and column, then code."""
        if self.span is None:
            return ("", 0, 0, self.code)
        return (self.span.path, self.span.line, self.span.column, self.code)


class TgcError(Exception):
    """Anything tgc says to its user; the command line prints it and leaves with `exit_code`."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(TgcError):
    """The command cannot be carried out as typed."""

    exit_code = 2


class RecipeError(TgcError):
    """A recipe, or a file it names, has problems; all of them, in file order."""

    exit_code = 2

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=lambda diagnostic: diagnostic.place))
        super().__init__("\n".join(diagnostic.message for diagnostic in self.diagnostics))


class WarehouseError(TgcError):
    """The warehouse cannot be opened or does not hold what was asked of it."""


class BackendError(TgcError):
    """A backend cannot start, or cannot do what a level asks of it."""


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """A hint that names what `name` may have meant.

    >>> nearest("topics", ["answer", "topic"])
    'a similar name is known: `topic`'
    >>> nearest("x", ["answer", "topic"])
    'known names: `answer`, `topic`'
    """
    known = sorted(set(candidates))
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"a similar name is known: `{close[0]}`"
    if not known:
        return None
    shown = ", ".join(f"`{candidate}`" for candidate in known[:MOST_CANDIDATES])
    return f"known names: {shown}{', …' if len(known) > MOST_CANDIDATES else ''}"
