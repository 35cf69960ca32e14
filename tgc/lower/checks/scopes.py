"""What templates ask for is there: variables, and fields of values."""

from collections.abc import Iterator
from dataclasses import dataclass

from tgc import recipe, source
from tgc.errors import Diagnostic, Span, nearest
from tgc.lower import values
from tgc.lower.outline import Draft, Outline
from tgc.template import Template, holes, shelf

ORDINAL = "ordinal"


@dataclass(frozen=True, slots=True)
class _Use:
    """A template where a level names it, and what it may ask for besides its ancestors."""

    level: Draft
    key: str
    template: Template
    extra: frozenset[str]


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which templates ask for what they cannot see, and which ignore what they are given."""
    for draft in outline.drafts.values():
        for use in _uses(outline, draft):
            yield from _unknown_variables(outline, use)
            yield from _unknown_fields(outline, use)
        yield from _constant(outline, draft)


def _uses(outline: Outline, draft: Draft) -> Iterator[_Use]:
    shared = frozenset(outline.recipe.vars)
    if draft.template is not None:
        key = "map" if isinstance(draft.says, recipe.Map) else "prompt"
        yield _Use(draft, key, draft.template, shared | {ORDINAL})
    if draft.system is not None:  # the same for all levels below, so no ordinal of one of them
        yield _Use(draft, "system", draft.system, shared)


def _unknown_variables(outline: Outline, use: _Use) -> Iterator[Diagnostic]:
    seen = {above.name for above in outline.above(use.level.name)} | use.extra
    for variable in use.template.variables:
        if variable not in seen and variable not in outline.reading.lost:
            message = f"{shelf.label(use.template.name)} asks for `{variable}`, which {_cannot(use)} see"
            yield Diagnostic(
                "unknown-variable", message, _span(outline, use, variable), nearest(variable, seen)
            )


def _cannot(use: _Use) -> str:
    return f"`{use.key}` of level `{use.level.name}` cannot"


def _unknown_fields(outline: Outline, use: _Use) -> Iterator[Diagnostic]:
    above = {draft.name: draft for draft in outline.above(use.level.name) if not draft.is_broken}
    for variable, field in use.template.fields:
        draft = above.get(variable)
        fields = values.common_fields(draft.items or ()) if draft else None
        if draft is None or (hasattr(str, field) if fields is None else field in fields):
            continue
        what = "texts without fields" if fields is None else "values that do not all have it"
        message = f"`{variable}.{field}` is asked for, but `{variable}` has {what}"
        span = _span(outline, use, variable, field)
        yield Diagnostic("unknown-field", message, span, nearest(field, fields or ()))


def _span(outline: Outline, use: _Use, variable: str, field: str | None = None) -> Span:
    in_file = shelf.place(use.template.texts, outline.search, variable, field)
    if in_file is not None:
        return in_file
    document = outline.reading.document
    loc = ("tree", use.level.name, use.key)
    start, raw = document.raw(*loc)
    found = holes.find(raw, variable, field)
    if found is None:
        return document.at(*loc)
    return source.span(document.path, document.text, start + found[0], start + found[1])


def _constant(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    above = {above.name for above in outline.above(draft.name)}
    if not above or draft.template is None or not isinstance(draft.says, recipe.Prompt):
        return
    if {ORDINAL, *outline.recipe.vars}.issuperset(draft.template.variables):
        message = f"the prompt of `{draft.name}` uses none of the levels above it"
        hint = f"it may use {', '.join(f'`{name}`' for name in sorted(above))}"
        yield Diagnostic("constant-template", message, outline.place(draft.name, "prompt"), hint, "warning")
