"""From a recipe to a Program: every name resolved, every default filled, everything checked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar, assert_never

from tgc import ir, recipe
from tgc.errors import Diagnostic, RecipeError
from tgc.filters.base import Filter
from tgc.fingerprint import Parts
from tgc.lower import checks, identity, lookup, selecting
from tgc.lower.around import Around
from tgc.lower.outline import Draft, Outline
from tgc.passes import prune
from tgc.source import Document

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lowered:
    """A Program, and what is allowed in its recipe and yet hardly meant."""

    program: ir.Program
    warnings: tuple[Diagnostic, ...]


def from_document(document: Document, around: Around) -> Lowered:
    """The Program of a document: what check, plan and build begin with.

    Raises:
        RecipeError: all that is wrong with the recipe and the files it names, in file order.
    """
    outline, unknown = lookup.outline(reading := recipe.read(document), around)
    found = tuple(dict.fromkeys((*reading.problems, *unknown, *checks.run(outline))))
    if any(problem.severity == "error" for problem in found):
        raise RecipeError(found)
    program = _program(outline, around.root)
    warnings = (*found, *_unused(outline, program), *checks.run_last(outline))
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
        checks=tuple(_check(outline, given) for given in outline.filters),
        mix=selecting.mix(outline),
        emit=written.emit,
    )


def _levels(outline: Outline) -> tuple[ir.Level, ...]:
    levels: dict[str | None, ir.Level] = {}
    for draft in outline.drafts.values():
        opening = _opening(outline, draft)
        names = tuple(level.written for level in outline.above(draft.name))
        above = identity.Above(levels[draft.parent].fingerprint if draft.parent else "", names)
        parts = identity.parts(draft, opening, above, outline.recipe)
        while any(parts == level.parts for level in levels.values()):  # twins have places of their own
            parts = (*parts, ("kind and role", "again"))
        condition = identity.condition(draft, above, outline.recipe)
        levels[draft.name] = replace(_level(outline, draft, opening, parts), condition=condition)
    return tuple(levels.values())


def _level(outline: Outline, draft: Draft, opening: ir.Opening | None, parts: Parts) -> ir.Level:
    return ir.Level(
        name=draft.name,
        parent=draft.parent,
        depth=len(outline.above(draft.name)),
        branch=draft.branch,
        does=_does(draft, opening),
        distinct=_distinct(draft),
        speaks=draft.speaks,
        fingerprint=identity.fingerprint(parts),
        parts=parts,
        when=draft.when,
        tags=draft.says.tags,
    )


def _opening(outline: Outline, draft: Draft) -> ir.Opening | None:
    """How the dialogue opens; a judge that is asked takes no part in it and has an opening only of its own."""
    asked = isinstance(draft.says, recipe.Score) and draft.says.measure is None
    path = (draft,) if asked else outline.path_to(draft.name)
    for level in reversed(path):
        if level.system:
            return ir.Opening(level.system, len(outline.above(level.name)), _pool(level))
    return None


def _pool(draft: Draft) -> ir.Examples | None:
    given = draft.asks.examples if draft.asks else None
    return ir.Examples(draft.examples or (), given.k) if given else None


def _does(draft: Draft, opening: ir.Opening | None) -> ir.Does:
    match draft.says:
        case recipe.Values():
            return ir.Values(draft.items or ())
        case recipe.Map():
            return ir.Map(_found(draft.template))
        case recipe.Turn(role=role):
            return ir.Turn(role, _ask(draft, draft.says, opening))
        case recipe.Prompt():
            return ir.Prompt(_found(draft.template), _ask(draft, draft.says, opening))
        case recipe.Score(measure=measure):
            template = None if measure else _found(draft.template)
            return ir.Score(template, _ask(draft, draft.says, opening), measure)
        case recipe.Text():
            return ir.Text(_found(draft.template), _ask(draft, draft.says, None))
        case _:
            assert_never(draft.says)


def _ask(draft: Draft, says: recipe.Generating, opening: ir.Opening | None) -> ir.Ask:
    return ir.Ask(
        model=_found(draft.model),
        sampling=draft.sampling,
        max_tokens=says.max_tokens,
        stop=tuple(sorted(set(says.stop))),
        system=opening,
        answers=says.shape,
        examples=_pool(draft),
    )


def _distinct(draft: Draft) -> ir.Distinct | None:
    given = draft.asks.distinct if draft.asks else None
    return ir.Distinct(given.oversample, given.diversity, draft.embedder) if given else None


def _check(outline: Outline, given: Filter) -> ir.Check:
    levels = tuple(draft.name for draft in outline.judged(given))
    return ir.Check(given, levels, given.scored_by, outline.embedders.get(given.embedded_by or ""))


def _unused(outline: Outline, program: ir.Program) -> Iterator[Diagnostic]:
    needed = {level.written for level in prune.prune(program).levels}
    for draft in outline.drafts.values():
        if draft.written not in needed and draft.name == draft.written:
            message = f"nothing needs `{draft.name}`: it is no turn, and no level, filter or mix uses it"
            span, hint = outline.place(draft.name), "use it, or leave it out"
            yield Diagnostic("unused-level", message, span, hint, "warning")


def _found(value: T | None) -> T:
    if value is None:
        raise AssertionError("a name that was not found is a diagnostic, which ends lowering")
    return value
