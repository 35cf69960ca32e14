"""Which models and data files a recipe names, and where."""

from collections.abc import Iterator
from dataclasses import dataclass

from tgc.errors import Span
from tgc.filters.base import MODEL, WORDS
from tgc.lower import models
from tgc.source import Document

Pattern = tuple[str, ...]

MODELS: tuple[Pattern, ...] = (
    ("model",),
    ("model", "merge", "*"),
    ("model", "adapter"),
    ("models", "*"),
    ("models", "*", "merge", "*"),
    ("models", "*", "adapter"),
    ("tree", "*", "distinct", "embedder"),
    ("filters", "*", "embedder"),
    ("mix", "diverse", "embedder"),
)
FILES: tuple[Pattern, ...] = (
    ("tree", "*", "values"),
    ("tree", "*", "examples", "from"),
    ("filters", "*", "against"),
    ("filters", "*", "against", "*"),
    ("mix", "blend", "*", "source"),
)
"""Where a recipe names them; `*` is any key or index."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A model or a data file as a recipe names it."""

    name: str
    span: Span
    revision: str | None = None

    @property
    def key(self) -> str:
        """Its name in a lock."""
        return models.reference(self.name, self.revision)


def to_models(document: Document) -> tuple[Reference, ...]:
    """Every model that a recipe names, adapters and embedders included, each once and where it is named first."""
    return _once(_model(document, loc) for loc in _at(document, MODELS) if not _is_own(document, loc))


def to_files(document: Document) -> tuple[Reference, ...]:
    """Every data file that a recipe names, each once and where it is named first."""
    return _once(_named(document, loc) for loc in _at(document, FILES))


def _at(document: Document, patterns: tuple[Pattern, ...]) -> Iterator[tuple[str | int, ...]]:
    return (loc for loc in document.values if any(_fits(loc, pattern) for pattern in patterns))


def _fits(loc: tuple[str | int, ...], pattern: Pattern) -> bool:
    return len(loc) == len(pattern) and all(
        wanted in ("*", part) for part, wanted in zip(loc, pattern, strict=True)
    )


def _is_own(document: Document, loc: tuple[str | int, ...]) -> bool:
    """Whether what makes the vectors that are compared is none, or the model that writes the texts."""
    return loc[0] in ("filters", "mix") and document.get(*loc) in (MODEL, WORDS)


def _model(document: Document, loc: tuple[str | int, ...]) -> Reference | None:
    match document.get(*loc):
        case {"id": str(name), **rest}:
            revision = rest.get("revision")
            return Reference(name, document.at(*loc, "id"), None if revision is None else str(revision))
        case _:
            return _named(document, loc)


def _named(document: Document, loc: tuple[str | int, ...]) -> Reference | None:
    match document.get(*loc):
        case str(name):
            return Reference(name, document.at(*loc))
        case _:
            return None


def _once(found: Iterator[Reference | None]) -> tuple[Reference, ...]:
    first: dict[str, Reference] = {}
    for reference in filter(None, found):
        first.setdefault(reference.key, reference)
    return tuple(first.values())
