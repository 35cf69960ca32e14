"""A project as it is at a commit: where its recipes are, what they were called, and a copy of what they read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from tgc.history import inputs
from tgc.history.git import Repository
from tgc.history.tree import Tree


@dataclass(frozen=True)
class Revision:
    """A commit of a repository.

    Attributes:
        name: what the user calls it.
    """

    home: Repository
    name: str
    commit: str
    _contents: dict[PurePosixPath, bytes] = field(default_factory=dict, compare=False)

    @cached_property
    def tree(self) -> Tree:
        """All its files."""
        return Tree.of(self.home, self.commit)

    def has(self, path: PurePosixPath) -> bool:
        """Whether there is a file of that path."""
        return path in self.tree.files

    def read(self, path: PurePosixPath) -> bytes:
        """What is in a file."""
        if path not in self._contents:
            self._contents.update(self.tree.read([path]))
        return self._contents.get(path, b"")

    def earlier(self, path: PurePosixPath, later: str | None) -> PurePosixPath | None:
        """What a file was called here that is called so in another commit, or in the work tree: as git follows it.

        Args:
            path: its later name.
            later: the other commit; None for the work tree.
        """
        if self.has(path):
            return path
        direct = _renamed(self.home, _difference(self.commit, later), path)
        return direct if direct and self.has(direct) else self._followed(path, later)

    def since(self, path: PurePosixPath, later: str | None) -> PurePosixPath | None:
        """What a file of that name here is called in another commit, or in the work tree; None if it is gone."""
        renames = _renames(self.home, _difference(self.commit, later))
        return next((new for old, new in renames if old == path), None)

    def inputs(self, recipe: PurePosixPath, root: PurePosixPath) -> dict[PurePosixPath, str]:
        """The files a recipe may read and their hashes: what it names, and all templates of the project."""
        read = inputs.named(recipe, root, self.tree.below, self.read)
        found = {*read, *self.tree.below(root / "templates")}
        return {path: self.tree.files[path].hash for path in sorted(found)}

    def copy(self, paths: Iterable[PurePosixPath], directory: Path) -> None:
        """Write files under a directory; a Git LFS pointer to what is not here stays a pointer."""
        self.tree.write(paths, directory)

    def _followed(self, path: PurePosixPath, later: str | None) -> PurePosixPath | None:
        """Commit by commit: finds what was edited too much on the way to be recognised from end to end."""
        if later is None:
            path = _renamed(self.home, _difference("HEAD", None), path) or path
        log = ("log", "--follow", "--format=", later or "HEAD", f"^{self.commit}")
        for old, new in _renames(self.home, log, path):
            path = old if new == path else path
        return path if self.has(path) else None


def _difference(commit: str, later: str | None) -> tuple[str, ...]:
    """The command that compares a commit with another, or with the work tree; `git diff` would write the index."""
    return ("diff-tree", "-r", "-M", commit, later) if later else ("diff-index", "-M", commit)


def _renamed(home: Repository, command: tuple[str, ...], path: PurePosixPath) -> PurePosixPath | None:
    """The old name that a difference gives for a new one."""
    return next((old for old, new in _renames(home, command) if new == path), None)


def _renames(
    home: Repository, command: tuple[str, ...], *only: PurePosixPath
) -> list[tuple[PurePosixPath, PurePosixPath]]:
    """Old and new names, as a command prints them."""
    paths = ("--", *map(str, only)) if only else ()
    options = ("--name-status", "--diff-filter=R", "-z", "--no-ext-diff", "--no-textconv")
    printed = home.ask("--literal-pathspecs", command[0], *options, *command[1:], *paths) or b""
    parts = [part.lstrip(b"\n") for part in printed.split(b"\0")[:-1]]
    names = [PurePosixPath(part.decode("utf-8", "surrogateescape")) for part in parts]
    return [(names[place + 1], names[place + 2]) for place in range(0, len(names) - 2, 3)]
