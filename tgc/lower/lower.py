"""From a recipe to a Program: every name resolved, every default filled, everything checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, assert_never

from tgc import ir, recipe
from tgc.errors import Diagnostic, RecipeError
from tgc.filters.base import Filter
from tgc.lower import checks, identity, lookup
from tgc.lower.outline import Draft, Outline
from tgc.passes import prune
from tgc.recipe import Reading, Recipe
from tgc.source import Document
from tgc.template import Template

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lowered:
    """A Program, and what is allowed in its recipe and yet hardly meant."""

    program: ir.Program
    warnings: tuple[Diagnostic, ...]


def from_document(document: Document, root: Path, search: tuple[Path, ...]) -> Lowered:
    """The Program of a document: what check, plan and build begin with.

    Args:
        document: a recipe.
        root: the project's directory; nothing outside of it is read, but for models and bundled templates.
        search: directories of templates, the first that has one wins.

    Raises:
        RecipeError: all that is wrong with the recipe and the files it names, in file order.
    """
    return _lower(recipe.read(document), root, search)


def lower(written: Recipe, document: Document, root: Path, search: tuple[Path, ...]) -> Lowered:
    """The Program of a recipe that `recipe.parse` found sound; otherwise as `from_document`."""
    return _lower(Reading(written, document, document), root, search)


def _lower(reading: Reading, root: Path, search: tuple[Path, ...]) -> Lowered:
    outline, unknown = lookup.outline(reading, root, search)
    found = tuple(dict.fromkeys((*reading.problems, *unknown, *checks.run(outline))))
    if any(problem.severity == "error" for problem in found):
        raise RecipeError(found)
    program = _program(outline, root)
    warnings = (*found, *_unused(outline, program))
    return Lowered(program, tuple(sorted(warnings, key=lambda warning: warning.place)))


def _program(outline: Outline, root: Path) -> ir.Program:
    written, document = outline.recipe, outline.reading.document
    return ir.Program(
        name=written.name,
        path=Path(document.path),
        root=root,
        text=document.canonical(),
        seed=written.seed,
        vars=tuple(sorted(written.vars.items())),
        levels=_levels(outline),
        checks=tuple(ir.Check(given, _judged(outline, given)) for given in written.filters),
        mix=_mix(written.mix),
        emit=written.emit,
    )


def _levels(outline: Outline) -> tuple[ir.Level, ...]:
    levels: dict[str | None, ir.Level] = {}
    for draft in outline.drafts.values():
        system = _opening(outline, draft)
        names = tuple(level.name for level in outline.above(draft.name))
        above = identity.Above(levels[draft.parent].fingerprint if draft.parent else "", names)
        parts = identity.parts(draft, system, above, outline.recipe)
        while any(parts == level.parts for level in levels.values()):  # twins have places of their own
            parts = (*parts, ("kind and role", "again"))
        levels[draft.name] = _level(outline, draft, system, parts)
    return tuple(levels.values())


def _level(outline: Outline, draft: Draft, system: Template | None, parts: identity.Parts) -> ir.Level:
    return ir.Level(
        name=draft.name,
        parent=draft.parent,
        depth=len(outline.above(draft.name)),
        branch=draft.branch,
        does=_does(draft, system),
        distinct=_distinct(draft),
        speaks=draft.speaks,
        fingerprint=identity.fingerprint(parts),
        parts=parts,
    )


def _opening(outline: Outline, draft: Draft) -> Template | None:
    path = outline.path_to(draft.name)
    return next((level.system for level in reversed(path) if level.system), None)


def _does(draft: Draft, system: Template | None) -> ir.Values | ir.Turn | ir.Prompt | ir.Map:
    match draft.says:
        case recipe.Values():
            return ir.Values(draft.items or ())
        case recipe.Map():
            return ir.Map(_found(draft.template))
        case recipe.Prompt():
            return ir.Prompt(_found(draft.template), system, _ask(draft, draft.says))
        case recipe.Turn(role=role):
            return ir.Turn(role, system, _ask(draft, draft.says))
        case _:
            assert_never(draft.says)


def _ask(draft: Draft, says: recipe.Generating) -> ir.Ask:
    return ir.Ask(_found(draft.model), draft.sampling, says.max_tokens, tuple(sorted(set(says.stop))))


def _distinct(draft: Draft) -> ir.Distinct | None:
    given = draft.asks.distinct if draft.asks else None
    return ir.Distinct(given.oversample, given.diversity, given.embedder) if given else None


def _judged(outline: Outline, given: Filter) -> tuple[str, ...]:
    if given.level is not None:
        return (given.level,)
    return tuple(draft.name for draft in outline.drafts.values() if draft.speaks in given.roles)


def _mix(given: recipe.Mix) -> ir.Mix:
    split = ir.Split(given.split.name, given.split.share, given.split.by) if given.split else None
    return ir.Mix(given.size, given.balance, split)


def _unused(outline: Outline, program: ir.Program) -> Iterator[Diagnostic]:
    needed = {level.name for level in prune.prune(program).levels}
    for level in program.levels:
        if level.name not in needed:
            message = f"nothing needs level `{level.name}`: it says no turn and nothing hangs under it"
            yield Diagnostic("unused-level", message, outline.place(level.name), None, "warning")


def _found(value: T | None) -> T:
    if value is None:
        raise AssertionError("a name that was not found is a diagnostic, which ends lowering")
    return value
