"""What templates ask for is there: variables, and fields of values and answers."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tgc import recipe
from tgc.errors import Diagnostic, Span, nearest
from tgc.lower.checks.doubts import is_misplaced
from tgc.lower.drawing import EXAMPLES, ORDINAL
from tgc.lower.outline import Draft, Outline, key_of
from tgc.template import Template, holes, shelf

PARENT = "parent"

_ONCE = {
    "when": "`when` is asked once for all siblings, so they have no `ordinal` there",
    "system": "`system` is the same for all siblings, so they have no `ordinal` there",
}
"""Why a template cannot tell siblings apart, by its key."""


@dataclass(frozen=True, slots=True)
class _Use:
    """A template where a level names it, and what it may ask for besides its ancestors."""

    level: Draft
    key: str
    template: Template
    extra: frozenset[str]


def check_level(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    """Say which templates of a level ask for what they cannot see."""
    for use in _uses(outline, draft):
        yield from _unknown_variables(outline, use)
        yield from _unknown_fields(outline, use)


def unseen(outline: Outline, draft: Draft) -> bool:
    """Whether some template of a level asks for a variable that it cannot see."""
    return any(_missing(outline, use) for use in _uses(outline, draft))


def is_doubtful(outline: Outline, draft: Draft, field: str) -> bool:
    """Whether it is not known for sure that a level has no such field."""
    whole, document = outline.reading.whole, outline.reading.document
    answers = ("tree", draft.written, "answers")
    unclear = whole.has(*answers) and not document.has(*answers)
    given = whole.has(*answers, field) or whole.has(*answers, "list", field)
    return unclear or given or draft.is_broken or draft.written in outline.reading.lost


def _uses(outline: Outline, draft: Draft) -> Iterator[_Use]:
    shared = frozenset(outline.recipe.vars) | ({PARENT} if draft.parent else frozenset())
    has_examples = outline.reading.whole.has("tree", draft.written, EXAMPLES)
    shown = frozenset({EXAMPLES} if has_examples else ())
    if draft.template is not None:
        yield _Use(draft, key_of(draft.says), draft.template, shared | shown | {ORDINAL})
    if draft.system is not None:
        yield _Use(draft, "system", draft.system, shared | shown)
    if draft.when is not None:
        yield _Use(draft, "when", draft.when, shared)


def _seen(outline: Outline, use: _Use) -> frozenset[str]:
    return use.extra | {above.written for above in outline.above(use.level.name)}


def _missing(outline: Outline, use: _Use) -> tuple[str, ...]:
    known = _seen(outline, use) | outline.reading.lost | _cut_vars(outline)
    judges_nothing = use.level.parent is None and isinstance(use.level.says, recipe.Score)
    if judges_nothing or is_misplaced(outline, use.level):  # which is said elsewhere, and is why
        known |= outline.recipe.tree.keys() | {PARENT}
    return tuple(variable for variable in use.template.variables if variable not in known)


def _cut_vars(outline: Outline) -> frozenset[str]:
    whole = outline.reading.whole
    given = whole.get("vars") if whole.has("vars") else None
    return frozenset(given) if isinstance(given, dict) else frozenset()


def _unknown_variables(outline: Outline, use: _Use) -> Iterator[Diagnostic]:
    for variable in _missing(outline, use):
        message = f"{shelf.label(use.template.name)} asks for `{variable}`, which {_cannot(use)} see"
        hint = _instead(outline, use, variable, _seen(outline, use))
        yield Diagnostic("unknown-variable", message, _span(outline, use, variable), hint)


def _instead(outline: Outline, use: _Use, variable: str, seen: Collection[str]) -> str | None:
    written = use.level.written
    if variable == written and PARENT in seen:
        return "`parent` is the node above, each time that the level is applied"
    if variable == EXAMPLES and use.key != "when":
        return "a level has them by `examples: {from: seeds.jsonl, k: 3}`"
    if variable == ORDINAL and use.key in _ONCE:
        return _ONCE[use.key]
    if variable in outline.recipe.tree:
        below = f"`{variable}` is not above `{written}`"
        return f"{below}; {nearest('', seen)}" if seen else f"{below}; `under: …` puts it there"
    return nearest(variable, seen) or f"nothing is above `{written}`, and the recipe has no `vars`"


def _cannot(use: _Use) -> str:
    return f"`{use.key}` of level `{use.level.written}` cannot"


def _unknown_fields(outline: Outline, use: _Use) -> Iterator[Diagnostic]:
    above = {draft.written: draft for draft in outline.above(use.level.name)}
    if above:
        above[PARENT] = outline.above(use.level.name)[-1]
    for variable, field in use.template.fields:
        draft = above.get(variable)
        if draft is None or _has(draft, field) or is_doubtful(outline, draft, field):
            continue
        message = f"`{variable}.{field}` is asked for, but {_lacks(draft, field)}"
        span = _span(outline, use, variable, field)
        hint = nearest(field, draft.fields or ()) or _fielded(draft)
        yield Diagnostic("unknown-field", message, span, hint)


def _has(draft: Draft, field: str) -> bool:
    return hasattr(str, field) if draft.fields is None else field in draft.fields


def _lacks(draft: Draft, field: str) -> str:
    if draft.fields is None:
        return f"`{draft.written}` is plain text"
    if not isinstance(draft.says, recipe.Values):
        return f"the answers of `{draft.written}` have no such field"
    found = any(field in json.loads(item.data) for item in draft.items or () if item.data)
    return f"{'not every' if found else 'no'} value of `{draft.written}` has it"


def _fielded(draft: Draft) -> str | None:
    """How a level gets fields."""
    match draft.says:
        case recipe.Values():
            return "a value with fields is written `{name: physics, era: modern}`"
        case recipe.Prompt():
            return "an answer has fields by `answers: {name: str}`"
        case _:
            return None


def _span(outline: Outline, use: _Use, variable: str, field: str | None = None) -> Span:
    in_file = shelf.place(use.template.texts, outline.search, variable, field)
    if in_file is not None:
        return in_file
    written = outline.reading.document.extent("tree", use.level.written, use.key)
    found = holes.find(written.text, variable, field)
    return written.part(*found).span if found else written.span
