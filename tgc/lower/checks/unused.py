"""Models and vars that nothing uses."""

from collections.abc import Iterator

from tgc.errors import Diagnostic
from tgc.lower.outline import Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which models and vars no level uses."""
    document = outline.reading.document
    used = {draft.asks.model for draft in outline.drafts.values() if draft.asks}
    for name in outline.recipe.models:
        if name not in used:
            message, hint = (
                f"no level uses the model `{name}`",
                f"leave it out, or let a level say `model: {name}`",
            )
            yield Diagnostic("unused-model", message, document.key("models", name), hint, "warning")
    shown = set(_variables(outline))
    for name in outline.recipe.vars:
        if name not in shown:
            message, hint = (
                f"no template uses the var `{name}`",
                f"leave it out, or show it: `{{{{ {name} }}}}`",
            )
            yield Diagnostic("unused-var", message, document.key("vars", name), hint, "warning")


def _variables(outline: Outline) -> Iterator[str]:
    for draft in outline.drafts.values():
        for template in (draft.template, draft.system, draft.when):
            yield from template.variables if template else ()
