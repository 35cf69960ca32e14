"""Recipes in several files: each is put on top of those that it includes."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path

from tgc.errors import Diagnostic, RecipeError, Span, nearest
from tgc.source import files
from tgc.source.document import Document
from tgc.source.parser import salvage, sound
from tgc.source.yaml12 import Loc

KEY = "include"
SUFFIXES = (".yaml", ".yml")
"""How the names of YAML files end."""

DEPTHS = {"tree": 2, "vars": 1, "models": 1, "sampling": 1, "mix": 1, "limits": 1}
"""Down to which depth files are merged key by key; below, and everywhere else, the file on top wins."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is there, and how a diagnostic shows it."""

    path: Path
    shown: str

    @property
    def identity(self) -> Path:
        """The same for one file, by whatever name and link it is included."""
        return self.path.resolve()


def assemble(path: Path, shown: str, root: Path) -> Document:
    """The document in a file on top of those that it includes, with its problems; each file counts once.

    Args:
        path: the file.
        shown: the file as the user named it.
        root: the project's directory; nothing outside of it is included.

    Raises:
        RecipeError: what `salvage` refuses, or an included file is not there, not in the project, not a
            mapping, or includes what includes it; all such problems at once.
    """
    stack = _Stack(root)
    stack.put(_File(path, shown), ())
    if stack.problems:
        flaws = (problem for document in stack.documents.values() for problem in document.problems)
        raise RecipeError(dict.fromkeys((*stack.problems, *flaws)))
    return reduce(lambda below, above: above.over(below, _merges), stack.documents.values())


@dataclass(slots=True)
class _Stack:
    """Documents by their files, the included below what includes them, and what went wrong on the way."""

    root: Path
    documents: dict[Path, Document] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def put(self, file: _File, above: tuple[_File, ...]) -> None:
        """Put a file on top of what it includes; `above` are those that include it, the recipe first."""
        document = salvage(file.path, file.shown)
        if above:
            _refuse_data(document)
        for name, span in self._names(document):
            self._include(name, span, (*above, file))
        self.documents[file.identity] = document.without([(KEY,)])

    def _names(self, document: Document) -> Iterator[tuple[str, Span]]:
        given = document.value.get(KEY, []) if isinstance(document.value, dict) else []
        items = enumerate(given) if isinstance(given, list) else [(None, given)]
        for index, name in items:
            span = document.at(KEY) if index is None else document.at(KEY, index)
            if isinstance(name, str) and name:
                yield name, span
            elif not document.void & {(KEY,), (KEY, index)}:
                message = f"`{KEY}` should be the name of a file, or a list of such"
                hint = f"such as `{KEY}: shared/quality.yaml`"
                self.problems.append(Diagnostic("wrong-type", message, span, hint))

    def _include(self, name: str, span: Span, above: tuple[_File, ...]) -> None:
        try:
            file = _found(name, above[-1], self.root)
            _refuse_loop(file, above)
            if file.identity not in self.documents:
                self.put(file, above)
        except RecipeError as error:
            self.problems.extend(replace(problem, span=problem.span or span) for problem in error.diagnostics)


def _found(name: str, above: _File, root: Path) -> _File:
    places = [folder / name for folder in (above.path.parent, root)]
    there = [place for place in places if files.is_file(place)]
    inside = [place for place in there if not files.leads_out(place, root)]
    if inside:
        return _File(inside[0], _shown(inside[0], above))
    if there or all(files.leads_out(place, root) for place in places):
        message, hint = f"`{name}` is outside of the project", "what is included lies in the project"
        raise RecipeError([Diagnostic("unsafe-path", message, None, hint)])
    hint = nearest(name, _neighbours(name, places)) or "looked up beside this file, then in the project"
    raise RecipeError([Diagnostic("missing-file", f"there is no file `{name}` to include", None, hint)])


def _shown(path: Path, above: _File) -> str:
    """A file as the user would name it, who named the one that includes it."""
    steps = os.path.relpath(path, above.path.parent)
    return os.path.normpath(Path(above.shown).parent / steps)


def _neighbours(name: str, places: list[Path]) -> Iterator[str]:
    for folder in filter(files.is_directory, (place.parent for place in places)):
        for path in folder.iterdir():
            if path.suffix in SUFFIXES:
                yield str(Path(name).parent / path.name)


def _refuse_loop(file: _File, above: tuple[_File, ...]) -> None:
    identities = [other.identity for other in above]
    if file.identity in identities:
        loop = (*above[identities.index(file.identity) :], file)
        message = "files include each other: " + " includes ".join(f"`{other.shown}`" for other in loop)
        hint = "what they share belongs into a file of its own"
        raise RecipeError([Diagnostic("include-cycle", message, None, hint)])


def _refuse_data(document: Document) -> None:
    if () in document.void:
        sound(document)
    if not isinstance(document.value, dict):
        message, hint = "an included file should be a mapping of keys to values", "data is named by `values`"
        raise RecipeError([Diagnostic("wrong-type", message, document.at(), hint)])


def _merges(loc: Loc) -> bool:
    return not loc or len(loc) <= DEPTHS.get(str(loc[0]), 0)
