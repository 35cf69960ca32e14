"""A lock held against what there is: what has changed, what it lacks, and what is not at hand."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from tgc.errors import Diagnostic
from tgc.lock import hub, lock, references, survey
from tgc.lock.lock import Files, Lock
from tgc.lock.references import Reference
from tgc.lock.survey import Folders
from tgc.lower import models
from tgc.source import Document

CODES = ("lock-drift", "lock-missing")
"""What another lock would settle."""

Judge = Callable[[Reference], Iterator[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the models and data of a recipe have to satisfy.

    Attributes:
        locked: all are in the lock, and as it says to the last byte.
        offline: all are on this machine.
    """

    locked: bool = False
    offline: bool = False


FREE = Terms()


def findings(
    locked: Lock | None, document: Document, folders: Folders, terms: Terms = FREE
) -> tuple[Diagnostic, ...]:
    """Where a recipe's models and data do not satisfy the terms; what is merely noticed is a warning.

    Without `terms.locked`, weights in a directory are read as far as their identity goes, and a model from a hub
    not at all: the lock says which commit is loaded.
    """
    held = locked or Lock()
    named, files = references.to_models(document), references.to_files(document)
    judge = partial(_proven if terms.locked else _noticed, held, folders)
    found = [*_judged(named, judge), *_judged(files, partial(_altered, held, folders))]
    if terms.locked:
        found += _missing(locked, document, (*named, *files))
    else:
        found = [replace(problem, severity="warning") for problem in found]
    if terms.offline:
        found += survey.each(named, partial(_present, held, folders))[1]
    return tuple(_hinted(problem, document) for problem in found)


def _hinted(problem: Diagnostic, document: Document) -> Diagnostic:
    if problem.hint is not None or problem.code not in CODES:
        return problem
    return replace(problem, hint=f"`tgc lock {document.path}` accepts what there is now")


def _judged(named: Iterable[Reference], judge: Judge) -> Iterator[Diagnostic]:
    made, problems = survey.each(named, lambda reference: [*judge(reference)])
    return chain(problems, *made.values())


def _missing(locked: Lock | None, document: Document, named: Iterable[Reference]) -> Iterator[Diagnostic]:
    if locked is None:
        hint = f"`tgc lock {document.path}` writes one"
        yield Diagnostic("lock-missing", f"`{document.path}` has no lock", document.key("name"), hint)
        return
    for reference in named:
        if reference.key not in {*locked.models, *locked.files}:
            yield Diagnostic("lock-missing", f"`{reference.key}` is not in the lock", reference.span)


def _proven(held: Lock, folders: Folders, reference: Reference) -> Iterator[Diagnostic]:
    """Whether every file of a model that is on this machine is as locked."""
    entry = held.models.get(reference.key)
    if entry is None:
        return
    directory = models.locate(reference.name, folders)
    if (directory is None) != (entry.revision is not None):
        yield _moved(reference, entry)
    elif directory is not None:
        yield from _changed(reference, entry.aspects, survey.saved(directory).aspects)
    elif (cached := hub.cached(reference.name, entry.revision)) is not None:
        found = survey.saved(cached).aspects
        yield from _changed(reference, _both(entry.aspects, found), _both(found, entry.aspects))


def _noticed(held: Lock, folders: Folders, reference: Reference) -> Iterator[Diagnostic]:
    """As `_proven`, but only where the identity of a directory is another one."""
    entry = held.models.get(reference.key)
    directory = models.locate(reference.name, folders) if entry is not None else None
    if entry is None or (directory is None and entry.revision is not None):
        return
    if directory is None or entry.digest != models.digest(directory):
        yield from _proven(held, folders, reference)


def _altered(held: Lock, folders: Folders, reference: Reference) -> Iterator[Diagnostic]:
    before = held.files.get(reference.key)
    if before is not None and before != (now := survey.file(reference, folders)):
        yield _drift(reference, f"the data changed: {_versus(reference.name, before, now)}")


def _present(held: Lock, folders: Folders, reference: Reference) -> None:
    """Raise a RecipeError where a model from a hub is not in the cache."""
    commit = held.pins.get(reference.key, reference.revision)
    if models.locate(reference.name, folders) is None and (lacks := hub.lacking(reference.name, commit)):
        raise hub.unavailable(reference.name, commit, lacks)


def _moved(reference: Reference, entry: lock.Model) -> Diagnostic:
    here, there = "a directory", f"commit `{entry.revision}` of a hub"
    before, now = (here, "a hub id") if entry.revision is None else (there, here)
    return _drift(reference, f"`{reference.name}` is locked as {before} and found as {now}")


def _changed(
    reference: Reference, locked: Mapping[str, Files], found: Mapping[str, Files]
) -> Iterator[Diagnostic]:
    for aspect, before in locked.items():
        now = found[aspect]
        names = [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
        if names:
            more = f", and {len(names) - 1} more" if len(names) > 1 else ""
            said = _versus(names[0], before.get(names[0]), now.get(names[0]))
            words = aspect.replace("_", " ")
            yield _drift(reference, f"the {words} of `{reference.name}` changed: {said}{more}")


def _both(these: Mapping[str, Files], those: Mapping[str, Files]) -> dict[str, Files]:
    """Of these files, those that are among the others by name."""
    return {
        aspect: {name: hashed for name, hashed in files.items() if name in those[aspect]}
        for aspect, files in these.items()
    }


def _versus(name: str, before: str | None, now: str | None) -> str:
    return f"`{name}` is locked as {_short(before)} and found as {_short(now)}"


def _short(hashed: str | None) -> str:
    return "absent" if hashed is None else lock.short(hashed)


def _drift(reference: Reference, message: str) -> Diagnostic:
    return Diagnostic("lock-drift", message, reference.span)
