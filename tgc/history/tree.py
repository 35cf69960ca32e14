"""Files as they are at a revision: listed, read and written elsewhere, never checked out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Self

from tgc.history.git import Repository, repository

LINK, SUBMODULE = "120000", "160000"
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v\d\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\n"
)


@dataclass(frozen=True, slots=True)
class Blob:
    """A file at a revision: its mode, the hash of its content, and the checkout whose objects have it."""

    mode: str
    hash: str
    home: Repository


@dataclass(frozen=True)
class Tree:
    """All files of a commit by their path in the repository, those of its submodules included."""

    files: Mapping[PurePosixPath, Blob]

    @classmethod
    def of(cls, home: Repository, commit: str) -> Self:
        """The files of a commit."""
        return cls(dict(_listed(home, commit, PurePosixPath())))

    def below(self, path: PurePosixPath) -> tuple[PurePosixPath, ...]:
        """The file of that path, or all files of that directory."""
        return (path,) if path in self.files else self._folders.get(path, ())

    def read(self, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, bytes]:
        """The contents of files; where Git LFS keeps one and it is fetched, what the pointer in git stands for."""
        found: dict[PurePosixPath, bytes] = {}
        wanted = {path: self.files[path] for path in paths if path in self.files}
        for home in {blob.home for blob in wanted.values()}:
            here = {path: blob.hash for path, blob in wanted.items() if blob.home == home}
            contents = home.blobs(here.values())
            found |= {path: contents[hash_] for path, hash_ in here.items() if hash_ in contents}
        return {path: _smudged(self.files[path].home, content) for path, content in found.items()}

    def write(self, paths: Iterable[PurePosixPath], directory: Path) -> None:
        """Write files under a directory, at the place that they have in the repository."""
        for path, content in self.read(paths).items():
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if self.files[path].mode == LINK:
                target.symlink_to(content.decode())
            else:
                target.write_bytes(content)

    @cached_property
    def _folders(self) -> dict[PurePosixPath, tuple[PurePosixPath, ...]]:
        folders: dict[PurePosixPath, list[PurePosixPath]] = {}
        for path in self.files:
            for folder in path.parents:
                folders.setdefault(folder, []).append(path)
        return {folder: tuple(paths) for folder, paths in folders.items()}


def _listed(home: Repository, commit: str, under: PurePosixPath) -> Iterator[tuple[PurePosixPath, Blob]]:
    for line in (home.ask("ls-tree", "-r", "-z", "--full-tree", commit) or b"").split(b"\0")[:-1]:
        mode, _, rest = line.decode("utf-8", "surrogateescape").split(" ", 2)
        hash_, name = rest.split("\t", 1)
        if mode == SUBMODULE:
            yield from _inside(home, under / name, home.top / name, hash_)
        else:
            yield under / name, Blob(mode, hash_, home)


def _inside(
    home: Repository, under: PurePosixPath, directory: Path, commit: str
) -> Iterator[tuple[PurePosixPath, Blob]]:
    """The files of a submodule, as far as it has been cloned."""
    inner = repository(directory) if directory.is_dir() else None
    if inner is not None and inner != home:
        yield from _listed(inner, commit, under)


def _smudged(home: Repository, content: bytes) -> bytes:
    pointer = _POINTER.match(content)
    if pointer is None:
        return content
    oid = pointer[1].decode()
    shared = home.ask("rev-parse", "--git-common-dir") or b""
    kept = home.top / shared.decode().strip() / "lfs" / "objects" / oid[:2] / oid[2:4] / oid
    return kept.read_bytes() if kept.is_file() else content
