"""Files that are emitted stay inside the recipe's own directory, and apart from each other."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tgc.errors import Diagnostic
from tgc.lower.outline import Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which output paths are unsafe or used twice."""
    document = outline.reading.document
    first: dict[PurePosixPath, int] = {}
    for index, output in enumerate(outline.recipe.emit):
        path, span = PurePosixPath(output.path), document.at("emit", index, "path")
        if _leaves(output.path):
            home = f"warehouse/mixes/{outline.recipe.name}/"
            message = f"`{output.path}` does not name a file in `{home}`"
            yield Diagnostic("unsafe-path", message, span, f"output paths are relative to `{home}`")
        elif path in first:
            line = document.at("emit", first[path], "path").line
            hint = f"first written on line {line}"
            yield Diagnostic("duplicate-output", f"`{output.path}` is written twice", span, hint)
        first.setdefault(path, index)


def _leaves(path: str) -> bool:
    parts = PurePosixPath(path)
    return parts.is_absolute() or ".." in parts.parts or not parts.name or "\\" in path or path.endswith("/")
