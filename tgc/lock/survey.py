"""What a recipe names, found and hashed: the lock as it would be written now."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from tgc import fingerprint, source
from tgc.errors import Diagnostic, RecipeError
from tgc.lock import hub, lock, references
from tgc.lock.lock import Lock
from tgc.lock.references import Reference
from tgc.lower import models, sources
from tgc.source import Document

T = TypeVar("T")
Folders = tuple[Path, ...]
Problems = tuple[Diagnostic, ...]
WORDS = "tokenizer_config.json"
"""The file that may hold a chat template beside what it says of the tokenizer."""


def survey(document: Document, folders: Folders, pins: Mapping[str, str] = models.NO_PINS) -> Lock:
    """The lock of a recipe: its models, as directories or as commits of a hub, and its data files.

    Args:
        document: a recipe without mistakes.
        folders: where directories and files are looked up.
        pins: the commits of an earlier lock, for want of a hub to ask.

    Raises:
        RecipeError: a hub does not give a model, or a file is not there; all of them at once.
    """
    found, unfound = each(references.to_models(document), partial(model, folders=folders, pins=pins))
    files, missing = each(references.to_files(document), partial(file, folders=folders))
    if unfound or missing:
        raise RecipeError((*unfound, *missing))
    return Lock(models=found, files=files)


def each(named: Iterable[Reference], make: Callable[[Reference], T]) -> tuple[dict[str, T], Problems]:
    """What is made of every reference, by its key, and what is wrong with the others, where they are named."""
    made: dict[str, T] = {}
    problems: list[Diagnostic] = []
    for reference in named:
        try:
            made[reference.key] = make(reference)
        except RecipeError as error:
            problems += [
                replace(problem, span=problem.span or reference.span) for problem in error.diagnostics
            ]
    return made, tuple(problems)


def model(reference: Reference, folders: Folders, pins: Mapping[str, str]) -> lock.Model:
    """A model as it is now.

    Raises:
        RecipeError: there is none, or the hub does not give it.
    """
    directory = models.locate(reference.name, folders)
    if directory is not None:
        return saved(directory)
    found = hub.snapshot(reference.name, reference.revision, pins.get(reference.key))
    return _model(found.files, revision=found.commit)


def saved(directory: Path) -> lock.Model:
    """A model in a directory; every file is read whole."""
    return _model(models.files(directory), digest=models.digest(directory))


def file(reference: Reference, folders: Folders) -> str:
    """The sha256 of a data file; of a directory, or whatever stands for several files, one over names and hashes.

    Raises:
        RecipeError: it is not there.
    """
    first, *others = sources.spelled(reference.name)
    if not others:
        return _file(first, folders)
    return _of_several((name, _file(name, folders)) for name in (first, *others))


def _file(name: str, folders: Folders) -> str:
    for path in (folder / name for folder in folders):
        if source.is_directory(path):
            return _of_several((inner, fingerprint.of_file(path / inner)) for inner in _below(path))
        if source.is_file(path):
            listed = sources.named(path)
            homes = (path.parent, *folders)
            own = ("", fingerprint.of_file(path))
            return _of_several([own, *((one, _file(one, homes)) for one in listed)]) if listed else own[1]
    raise RecipeError([Diagnostic("missing-file", f"there is no data file `{name}`")])


def _of_several(files: Iterable[tuple[str, str]]) -> str:
    return _sha256("".join(f"{name}\0{hashed}\n" for name, hashed in files))


def _below(directory: Path) -> list[str]:
    names = (path.relative_to(directory) for path in directory.rglob("*") if path.is_file())
    return sorted(name.as_posix() for name in names if not any(part.startswith(".") for part in name.parts))


def _model(files: Mapping[str, str | Path], **said: str) -> lock.Model:
    found: dict[str, dict[str, str]] = {}
    for name, content in files.items():
        for aspect, hashed in _hashes(name, content):
            found.setdefault(aspect, {})[name] = hashed
    return lock.Model.model_validate({**said, **found})


def _hashes(name: str, content: str | Path) -> Iterator[tuple[str, str]]:
    aspect = models.aspect(name)
    if aspect is None:
        return
    if isinstance(content, str):
        yield aspect, content
    elif name == WORDS and (settings := _settings(content)).get("chat_template"):
        yield "chat_template", _sha256(_canonical(settings.pop("chat_template")))
        yield aspect, _sha256(_canonical(settings))
    else:
        yield aspect, fingerprint.of_file(content)


def _settings(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
