"""Writing a mix to disk: each file whole or not at all, and a manifest of them."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, BinaryIO

import polars as pl

from tgc import fingerprint, ir
from tgc.dialogue import Conversation
from tgc.errors import UsageError
from tgc.formats.base import MANIFEST, TRAIN, About, Format
from tgc.mixing.blending import Mixture
from tgc.mixing.files.album import forget, hung
from tgc.mixing.output.manifest import Written, about, manifest
from tgc.mixing.output.pictures import folder, seen_from


def emit(
    program: ir.Program,
    mixture: Mixture,
    directory: Path,
    commit: tuple[str | None, bool | None] = (None, None),
) -> tuple[Path, ...]:
    """The files written under `directory`: those of each format of the recipe, and last the manifest.

    Images that rows of files hold are written before, each as a file that is named by what it holds.

    Raises:
        UsageError: a format's path leads out of the directory.
    """
    images = frozenset(chain.from_iterable(_hung(mixture, file) for file in range(len(mixture.parts))))
    of = about(program, mixture, _splits(program), commit)
    written = tuple(
        file
        for output in program.emit
        for file in _write(output, mixture, of, _start(program, output), directory)
    )
    told = manifest(program, mixture, written, commit) | {"images": _counted(images)}
    said = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    stale = {directory / name for name in _listed(directory)} - {directory / file.path for file in written}
    _replace(directory / MANIFEST, lambda out: out.write(said.encode()))
    for path in stale:
        path.unlink(missing_ok=True)
    forget(directory, images)
    return (*(directory / file.path for file in written), directory / MANIFEST)


def files(program: ir.Program) -> tuple[str, ...]:
    """Names of all the files that a mix of the recipe consists of, relative to its directory."""
    paths = (path for output in program.emit for path in output.files(_splits(program)))
    return (*map(str, paths), MANIFEST)


def is_whole(program: ir.Program, directory: Path) -> bool:
    """Whether all files of the recipe's mix are there, and as many images as its manifest says."""
    if not all((directory / name).is_file() for name in files(program)):
        return False
    try:
        return bool(_told(directory)["images"]["files"] == len(hung(directory)))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _hung(mixture: Mixture, file: int) -> frozenset[Path]:
    """The files of the images that rows of a source hold which are in the mix."""
    stock = mixture.parts[file].stock
    if not stock.album.extents:
        return frozenset()
    seen = mixture.rows.filter((pl.col("file") == file) & (pl.col("images") > 0))
    places = seen.select("start", "size").unique(maintain_order=True).iter_rows()
    return stock.album.write(name for place in places for name in stock.conversation(*place).images)


def _counted(images: frozenset[Path]) -> dict[str, int]:
    """How many images were taken out of rows, and their bytes."""
    return {"files": len(images), "bytes": sum(path.stat().st_size for path in images)}


def _listed(directory: Path) -> list[str]:
    """The files of the mix that is there, as its manifest says."""
    try:
        return [file["path"] for file in _told(directory)["files"] if ".." not in Path(file["path"]).parts]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _told(directory: Path) -> Any:  # noqa: ANN401 - whatever stands there
    return json.loads((directory / MANIFEST).read_text(encoding="utf-8"))


def _splits(program: ir.Program) -> tuple[str, ...]:
    return (TRAIN, program.mix.split.name) if program.mix.split else (TRAIN,)


def _start(program: ir.Program, output: Format) -> Path:
    """Where a client begins to look for images."""
    return folder(program) if output.foldered else program.root


def _write(output: Format, mixture: Mixture, of: About, start: Path, directory: Path) -> Iterator[Written]:
    for split, count in of.rows.items():
        repairs: Counter[str] = Counter()
        rows = seen_from(start, output.repaired(mixture.conversations(split), repairs))
        path = _rows(output, rows, split, directory)
        yield _written(output, path, directory, split, count, repairs)
    for name, text in output.beside(of).items():
        yield _written(output, _text(output, output.sibling(name), text, directory), directory)


def _rows(output: Format, rows: Iterable[Conversation], split: str, directory: Path) -> Path:
    path = _path(output, output.file(split), directory)
    _replace(path, lambda out: output.write(rows, out))
    return path


def _text(output: Format, file: PurePosixPath, text: str, directory: Path) -> Path:
    path = _path(output, file, directory)
    _replace(path, lambda out: out.write(text.encode()))
    return path


def _written(
    output: Format,
    path: Path,
    directory: Path,
    split: str | None = None,
    rows: int | None = None,
    repairs: Mapping[str, int] = MappingProxyType({}),
) -> Written:
    name = path.relative_to(directory).as_posix()
    return Written(name, output.format, split, rows, dict(sorted(repairs.items())), fingerprint.of_file(path))


def _path(output: Format, file: PurePosixPath, directory: Path) -> Path:
    path = directory / file
    if not path.resolve().is_relative_to(directory.resolve()):
        raise UsageError(
            f"`{output.path}` leads out of `{directory}`", "an output's path is relative, without `..`"
        )
    return path


def _replace(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Put a new file in place of the old one at once, and only when all of it is on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.tmp")
    with unfinished.open("wb") as out:
        write(out)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(path)
