"""What templates ask for is there: variables, and fields of values."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tgc.errors import Diagnostic, Span, nearest
from tgc.lower.outline import Draft, Outline, key_of
from tgc.template import Template, holes, shelf

ORDINAL, PARENT, EXAMPLES = "ordinal", "parent", "examples"


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
        yield from _unshown(outline, draft)


def _uses(outline: Outline, draft: Draft) -> Iterator[_Use]:
    shared = frozenset(outline.recipe.vars) | ({PARENT} if draft.parent else frozenset())
    shown = frozenset({EXAMPLES} if draft.asks and draft.asks.examples else ())
    if draft.template is not None:
        yield _Use(draft, key_of(draft.says), draft.template, shared | shown | {ORDINAL})
    if draft.system is not None:  # the same for all levels below, so no ordinal of one of them
        yield _Use(draft, "system", draft.system, shared | shown)
    if draft.when is not None:  # asked once for all siblings
        yield _Use(draft, "when", draft.when, shared)


def _unknown_variables(outline: Outline, use: _Use) -> Iterator[Diagnostic]:
    seen = {above.written for above in outline.above(use.level.name)} | use.extra
    for variable in use.template.variables:
        if variable not in seen and variable not in outline.reading.lost:
            message = f"{shelf.label(use.template.name)} asks for `{variable}`, which {_cannot(use)} see"
            yield Diagnostic(
                "unknown-variable", message, _span(outline, use, variable), _instead(use, variable, seen)
            )


def _instead(use: _Use, variable: str, seen: Collection[str]) -> str | None:
    if variable == use.level.written and PARENT in seen:
        return "`parent` is the node above, each time that the level is applied"
    if variable == EXAMPLES:
        return "a level has them by `examples: {from: seeds.jsonl, k: 3}`"
    return nearest(variable, seen)


def _cannot(use: _Use) -> str:
    return f"`{use.key}` of level `{use.level.written}` cannot"


def _unknown_fields(outline: Outline, use: _Use) -> Iterator[Diagnostic]:
    above = {draft.written: draft for draft in outline.above(use.level.name)}
    if above:
        above[PARENT] = outline.above(use.level.name)[-1]
    for variable, field in use.template.fields:
        draft = above.get(variable)
        if draft is None or draft.is_broken or _has(draft, field):
            continue
        what = "texts without fields" if draft.fields is None else f"no field `{field}` in every node"
        message = f"`{variable}.{field}` is asked for, but `{variable}` has {what}"
        span = _span(outline, use, variable, field)
        yield Diagnostic("unknown-field", message, span, nearest(field, draft.fields or ()))


def _has(draft: Draft, field: str) -> bool:
    return hasattr(str, field) if draft.fields is None else field in draft.fields


def _span(outline: Outline, use: _Use, variable: str, field: str | None = None) -> Span:
    in_file = shelf.place(use.template.texts, outline.search, variable, field)
    if in_file is not None:
        return in_file
    written = outline.reading.document.extent("tree", use.level.written, use.key)
    found = holes.find(written.text, variable, field)
    return written.part(*found).span if found else written.span


def _constant(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    above = {above.written for above in outline.above(draft.name)}
    if not above or draft.template is None or draft.asks is None:
        return
    if {ORDINAL, EXAMPLES, *outline.recipe.vars}.issuperset(draft.template.variables):
        key = key_of(draft.says)
        message = f"the {key} of `{draft.written}` uses none of the levels above it"
        hint = f"it may use {', '.join(f'`{name}`' for name in sorted(above))}"
        yield Diagnostic("constant-template", message, outline.place(draft.name, key), hint, "warning")


def _unshown(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    if draft.asks is None or draft.asks.examples is None:
        return
    if not any(template and EXAMPLES in template.variables for template in (draft.template, draft.system)):
        message = f"no template of `{draft.written}` shows its `examples`"
        hint = "`{% for example in examples %}{{ example }}{% endfor %}` shows them"
        yield Diagnostic("unused-examples", message, outline.place(draft.name, "examples"), hint, "warning")
