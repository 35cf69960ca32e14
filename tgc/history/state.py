"""The git revision of a recipe, so that a run can be traced to what its author committed."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from tgc import ir
from tgc.history import inputs
from tgc.history.git import Repository, repository
from tgc.template import shelf

Commit = tuple[str | None, bool | None]
"""A commit, and whether what a recipe is made from differs from it; (None, None) outside git."""


BATCH = 500


def templates(program: ir.Program) -> dict[str, str]:
    """The text of every template file that a recipe is made with, by its name; inline ones are in the recipe."""
    used = (template for level in program.levels for template in level.templates)
    texts = {name: text for template in used for name, text in template.texts}
    return {name: text for name, text in sorted(texts.items()) if not shelf.is_inline(name)}


def commit(recipe: Path, root: Path, templates: Iterable[Path]) -> Commit:
    """The commit checked out where a recipe lies, and whether what the recipe is made from differs from it.

    It differs when the recipe, a file it includes, one of its templates or of its data files has another content
    than in the commit, or is not in it; whatever else was edited in the repository does not count.

    Args:
        recipe: the YAML file.
        root: the project's directory, which may be the repository's or one below.
        templates: the files of its templates.
    """
    home = repository(recipe.parent)
    head = home.head if home else None
    if home is None or head is None:
        return (None, None)
    files = {*_named(recipe, root, home), *filter(None, map(home.relative, templates))}
    return (head, any(_differing(home, files)))


def _named(recipe: Path, root: Path, home: Repository) -> set[PurePosixPath]:
    here, project = home.relative(recipe), home.relative(root.resolve())
    if here is None:
        return set()

    def below(path: PurePosixPath) -> tuple[PurePosixPath, ...]:
        place = home.top / path
        if path.is_absolute() or ".." in path.parts or not place.exists():
            return ()
        if place.is_dir():
            files = (Path(folder, name) for folder, _, names in os.walk(place) for name in names)
            return tuple(PurePosixPath(file.relative_to(home.top)) for file in files)
        return (path,)

    return inputs.named(here, project or here.parent, below, lambda path: (home.top / path).read_bytes())


def _differing(home: Repository, files: set[PurePosixPath]) -> Iterable[bool]:
    """For each file, and each submodule with some of them, whether it is not as in the commit checked out."""
    inner = {file: _owner(home, file) for file in files}
    own = {file for file, owner in inner.items() if owner == home}
    yield _now(home, own) != _then(home, own)
    for owner in sorted({owner.top for owner in inner.values() if owner != home}):
        module = Repository(owner)
        place = PurePosixPath(owner.relative_to(home.top))
        yield _then(home, {place})[place] != module.head
        within = {
            PurePosixPath(home.top / file).relative_to(owner) for file in inner if inner[file].top == owner
        }
        yield from _differing(module, {PurePosixPath(file) for file in within})


def _owner(home: Repository, file: PurePosixPath) -> Repository:
    """The checkout that a file belongs to: this one, or that of a submodule."""
    folders = [home.top / folder for folder in file.parents]
    top = next((folder for folder in folders if (folder / ".git").exists()), home.top)
    return Repository(top)


def _then(home: Repository, files: set[PurePosixPath]) -> dict[PurePosixPath, str | None]:
    """The hash of each file in the commit checked out; None for those it does not have."""
    hashes: dict[PurePosixPath, str] = {}
    for some in _batches(files):
        listed = home.ask(
            "--literal-pathspecs", "ls-tree", "-z", "--full-tree", "HEAD", "--", *map(str, some)
        )
        lines = (os.fsdecode(line).split("\t", 1) for line in (listed or b"").split(b"\0")[:-1])
        hashes |= {PurePosixPath(name): facts.split(" ")[2] for facts, name in lines}
    return {file: hashes.get(file) for file in files}


def _now(home: Repository, files: set[PurePosixPath]) -> dict[PurePosixPath, str | None]:
    """The hash that git would give each file as it is, after line ends and filters; None for what is gone."""
    links = {file for file in files if (home.top / file).is_symlink()}
    plain = {file for file in files - links if (home.top / file).is_file()}
    hashes: dict[PurePosixPath, str | None] = dict.fromkeys(files)
    for file in links:
        target = os.fsencode((home.top / file).readlink())
        hashes[file] = (home.ask("hash-object", "--stdin", given=target) or b"").decode().strip()
    for some in _batches(plain):
        printed = home.ask("hash-object", "--", *map(str, some)) or b""
        hashes |= dict(zip(some, printed.decode().split(), strict=False))
    return hashes


def _batches(files: set[PurePosixPath]) -> Iterator[tuple[PurePosixPath, ...]]:
    """As many files as fit a command line."""
    ordered = sorted(files)
    for start in range(0, len(ordered), BATCH):
        yield tuple(ordered[start : start + BATCH])
