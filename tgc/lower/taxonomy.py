"""A taxonomy that is a tree of folders with one topic per leaf, such as InstructLab's."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from tgc import source
from tgc.errors import MOST_CANDIDATES, Diagnostic, RecipeError
from tgc.lower.row import Row, line, refusal
from tgc.source import Document

LEAF = "qna.yaml"
TIERS = 8
"""As many tiers have a field of their own, however deep the tree is: a topic that is added changes no other."""
SAID = ("version", "domain", "task_description", "document_outline")
"""What a topic is told to be by its `qna.yaml`; the examples in it are not read."""
ROWS = frozenset({".csv", ".jsonl", ".parquet", ".tsv"})
"""Files whose names say that the values are inside, not the folders."""


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder by its path below the taxonomy's, with the names of what it holds; hidden folders are left out."""

    path: PurePosixPath
    folders: tuple[str, ...]
    files: tuple[str, ...]


def read(root: Path, shown: str) -> Iterator[Row[object]]:
    """The topics below a folder, in order of their paths.

    A topic is a folder that holds a `qna.yaml`; in a tree without any, a folder without folders. All have the
    same fields, each a text and empty where there is nothing to say:

    `name` is the folder's name in words, `path` says where it is (`knowledge/science/animals/birds`), and
    `tier_1` to `tier_8` are the names along the path in words, the topic's own last. With `qna.yaml` there are its
    `version`, `domain`, `task_description` and `document_outline` besides.

    Raises:
        RecipeError: a `qna.yaml` is broken, with its place there; a folder is a link; or it holds data.
    """
    folders = sorted(_folders(root, shown), key=lambda folder: folder.path.parts)
    problems = list(_links(root, shown, folders))
    told = [folder for folder in folders if LEAF in folder.files and folder.path.parts]
    if not told:
        problems += _data(shown, folders)
    found = []
    for folder in told or [folder for folder in folders if not folder.folders and folder.path.parts]:
        try:
            found.append(_topic(root, shown, folder))
        except RecipeError as error:
            problems += error.diagnostics
    if problems:
        raise RecipeError(problems)
    yield from found


def _folders(root: Path, shown: str) -> Iterator[_Folder]:
    def refuse(error: OSError) -> None:
        raise RecipeError(
            [Diagnostic("missing-file", f"`{shown}` cannot be read: {error.strerror}")]
        ) from error

    for place, folders, files in os.walk(root, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        path = PurePosixPath(Path(place).relative_to(root).as_posix())
        yield _Folder(path, tuple(folders), tuple(sorted(files)))


def _topic(root: Path, shown: str, folder: _Folder) -> Row[object]:
    fields = _placed(folder.path)
    if LEAF not in folder.files:
        return Row(fields, partial(line, _shown(shown, folder.path), 1))
    path = folder.path / LEAF
    document = source.load(root / path, _shown(shown, path))
    return Row({**fields, **_said(document)}, partial(line, _shown(shown, path), 1))


def _placed(path: PurePosixPath) -> dict[str, str]:
    names = [_words(part) for part in path.parts]
    tiers = [*names, *[""] * TIERS][:TIERS]
    numbered = {f"tier_{number}": name for number, name in enumerate(tiers, start=1)}
    return {"name": names[-1], "path": str(path), **numbered}


def _words(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").split())


def _said(document: Document) -> dict[str, str]:
    if not isinstance(document.value, dict):
        raise refusal(f"a `{LEAF}` is a mapping, with a `task_description` or a `domain`", document.at())
    return {key: _text(document, key, document.value.get(key)) for key in SAID}


def _text(document: Document, key: str, said: object) -> str:
    match said:
        case None:
            return ""
        case bool():
            pass
        case str() | int() | float():
            return str(said).strip()
    raise RecipeError([Diagnostic("bad-value", f"`{key}` should be text", document.at(key))])


def _links(root: Path, shown: str, folders: Iterable[_Folder]) -> Iterator[Diagnostic]:
    for folder in folders:
        for name in (*folder.folders, *filter(LEAF.__eq__, folder.files)):
            path = folder.path / name
            if (root / path).is_symlink():
                place = line(_shown(shown, path), 1)
                hint = "a taxonomy is read from its own folders; copy what the link leads to"
                yield Diagnostic("unsafe-path", f"`{name}` is a link", place, hint)


def _data(shown: str, folders: Iterable[_Folder]) -> Iterator[Diagnostic]:
    found = [
        f"`{folder.path / name}`"
        for folder in folders
        for name in folder.files
        if PurePosixPath(name).suffix in ROWS
    ]
    if found:
        more = ", …" if len(found) > MOST_CANDIDATES else ""
        hint = f"name one of them: {', '.join(found[:MOST_CANDIDATES])}{more}"
        yield Diagnostic("bad-data", f"`{shown}` holds data files, not topics", None, hint)


def _shown(shown: str, path: PurePosixPath) -> str:
    return str(PurePosixPath(shown) / path).encode(errors="backslashreplace").decode()
