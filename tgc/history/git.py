"""What git says of a checkout: asked by plumbing, so that neither the work tree nor the index is touched."""

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tgc.errors import UsageError, nearest

_READING = {"GIT_OPTIONAL_LOCKS": "0"}


@dataclass(frozen=True, slots=True)
class Repository:
    """A checkout by its top directory: the main one, a linked work tree or a submodule."""

    top: Path

    def ask(self, *arguments: str, given: bytes = b"") -> bytes | None:
        """What a git command prints, given its input; None when it fails."""
        return _git(self.top, *arguments, given=given)

    def relative(self, path: Path) -> PurePosixPath | None:
        """A path as git knows it; None where it lies outside."""
        resolved = path.parent.resolve() / path.name
        return PurePosixPath(resolved.relative_to(self.top)) if resolved.is_relative_to(self.top) else None

    @property
    def head(self) -> str | None:
        """The commit checked out; None before the first."""
        return self.commit("HEAD")

    def commit(self, name: str) -> str | None:
        """The commit that a name stands for."""
        found = self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return found.decode().strip() if found else None

    def named(self, name: str) -> str:
        """The commit that a user means.

        Raises:
            UsageError: there is no such revision.
        """
        commit = self.commit(name)
        if commit is None:
            hint = (
                nearest(name, ("HEAD", *(tip for tip, _ in self.tips())))
                or "a revision is a branch, a tag or a commit"
            )
            raise UsageError(f"git knows no revision `{name}`", hint)
        return commit

    def tips(self) -> tuple[tuple[str, str], ...]:
        """The commits in use and what to call each: branches, tags, and what work trees have checked out."""
        named = (*self._refs("refs/heads"), *self._refs("refs/tags"))
        known = {commit for _, commit in named}
        return (*named, *((commit[:12], commit) for commit in self._heads() if commit not in known))

    def blobs(self, hashes: Iterable[str]) -> dict[str, bytes]:
        """The contents of objects, by hash; what is not here, as in a partial clone, is left out."""
        wanted = sorted(set(hashes))
        printed = self.ask("cat-file", "--batch", given="".join(f"{one}\n" for one in wanted).encode()) or b""
        return dict(_objects(printed))

    def _refs(self, under: str) -> tuple[tuple[str, str], ...]:
        """Names and commits; an annotated tag stands for what it was put on."""
        form = "--format=%(objectname) %(*objectname) %(refname:lstrip=2)"
        lines = os.fsdecode(self.ask("for-each-ref", form, under) or b"").splitlines()
        parts = (line.split(" ", 2) for line in lines)
        return tuple((name, peeled or commit) for commit, peeled, name in parts)

    def _heads(self) -> list[str]:
        """The commits of all work trees; an empty repository has one of zeros."""
        listed = self.ask("worktree", "list", "--porcelain") or b""
        heads = (line[5:].decode() for line in listed.splitlines() if line.startswith(b"HEAD "))
        return sorted({head for head in heads if head.strip("0")})


def repository(directory: Path) -> Repository | None:
    """The checkout that a directory lies in; None where there is none, or no git."""
    top = _git(directory, "rev-parse", "--show-toplevel")
    return Repository(Path(os.fsdecode(top.removesuffix(b"\n"))).resolve()) if top else None


def _git(directory: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    try:
        done = subprocess.run(  # noqa: S603  # our own arguments, no shell
            ["git", *arguments],  # noqa: S607  # the user's git is the one that knows the checkout
            cwd=directory,
            input=given,
            capture_output=True,
            check=True,
            env={**os.environ, **_READING},
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout


def _objects(printed: bytes) -> Iterator[tuple[str, bytes]]:
    """Hash and content of each object in the output of `git cat-file --batch`."""
    start = 0
    while (end := printed.find(b"\n", start)) >= 0:
        head = printed[start:end].decode().split()
        start = end + 1
        if len(head) == 3:  # noqa: PLR2004  # hash, type, size; `<hash> missing` has two
            size = int(head[2])
            yield head[0], printed[start : start + size]
            start += size + 1
