"""Files that are emitted stay inside the recipe's own directory, and apart from each other."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from tgc.errors import Diagnostic
from tgc.formats.base import MANIFEST, TRAIN
from tgc.lower.outline import Outline

Taken = dict[PurePosixPath, str]


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which output paths are unsafe, and which lead to a file that is in the way of another."""
    document = outline.reading.document
    taken = {PurePosixPath(MANIFEST): "tgc writes it to describe the mix"}
    for index, output in enumerate(outline.recipe.emit):
        span = document.at("emit", index, "path")
        if _leaves(output.path):
            home = f"warehouse/mixes/{outline.recipe.name}/"
            message = f"`{output.path}` does not name a file in `{home}`"
            yield Diagnostic("unsafe-path", message, span, f"output paths are relative to `{home}`")
            continue
        files = output.files(_splits(outline))
        for message, hint in tuple(_clashes(files, taken))[:1]:
            yield Diagnostic("duplicate-output", message, span, hint)
        taken = {**dict.fromkeys(files, f"first written on line {span.line}"), **taken}


def _splits(outline: Outline) -> tuple[str, ...]:
    split = outline.recipe.mix.split
    return (TRAIN, split.name) if split else (TRAIN,)


def _clashes(files: tuple[PurePosixPath, ...], taken: Taken) -> Iterator[tuple[str, str]]:
    for file in files:
        for other, hint in taken.items():
            if file == other:
                yield f"`{file}` is written twice", hint
            elif other in file.parents or file in other.parents:
                yield f"`{file}` and `{other}` cannot both be files", f"`{other}`: {hint}"


def _leaves(path: str) -> bool:
    parts = PurePosixPath(path)
    return parts.is_absolute() or ".." in parts.parts or not parts.name or "\\" in path or path.endswith("/")
