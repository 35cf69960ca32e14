"""Models and vars that nothing uses."""

from collections.abc import Iterator

from tgc.errors import Diagnostic
from tgc.lower.outline import Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which models and vars of the recipe's own file no level uses."""
    used = {draft.asks.model for draft in outline.drafts.values() if draft.asks}
    for name in outline.recipe.models:
        if name not in used:
            hint = f"leave it out, or let a level say `model: {name}`"
            yield from _unused(
                outline, "unused-model", f"no level uses the model `{name}`", hint, "models", name
            )
    shown = set(_variables(outline))
    for name in outline.recipe.vars:
        if name not in shown:
            message, hint = (
                f"no template uses the var `{name}`",
                f"leave it out, or show it: `{{{{ {name} }}}}`",
            )
            yield from _unused(outline, "unused-var", message, hint, "vars", name)


def _unused(outline: Outline, code: str, message: str, hint: str, *loc: str) -> Iterator[Diagnostic]:
    """What an included file offers need not be taken by every recipe."""
    document = outline.reading.document
    span = document.key(*loc)
    if span.path == document.path:
        yield Diagnostic(code, message, span, hint, "warning")


def _variables(outline: Outline) -> Iterator[str]:
    for draft in outline.drafts.values():
        for template in (draft.template, draft.system, draft.when):
            yield from template.variables if template else ()
