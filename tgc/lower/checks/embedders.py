"""What is compared by the states of the model that wrote it was written by one."""

from collections.abc import Iterator

from tgc import ir, recipe
from tgc.errors import Diagnostic
from tgc.filters.base import MODEL
from tgc.lower.outline import Outline

HINT = "`embedder` names a sentence-transformers model, or `words`"


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say what wants vectors of a model where none wrote what is compared."""
    yield from _filters(outline)
    yield from _mix(outline)


def _mix(outline: Outline) -> Iterator[Diagnostic]:
    given = outline.recipe.mix.diverse
    if not isinstance(given, recipe.Diverse) or given.embedder != MODEL:
        return
    span = outline.reading.document.at("mix", "diverse", "embedder")
    draft = outline.drafts.get(given.of)
    if given.of == ir.MESSAGES:
        message = "`messages` are written by more than one, and have no model by whose states to compare them"
        yield Diagnostic("missing-model", message, span, HINT)
    elif draft and draft.asks is None:
        message = f"no model writes `{draft.written}`, by whose states `diverse` could compare it"
        yield Diagnostic("missing-model", message, span, HINT)


def _filters(outline: Outline) -> Iterator[Diagnostic]:
    for index, given in enumerate(outline.recipe.filters):
        if given.embedded_by != MODEL:
            continue
        for draft in outline.judged(given):
            if draft.asks is None:
                span = outline.reading.document.at("filters", index, "embedder")
                message = (
                    f"no model writes `{draft.written}`, by whose states `{given.kind}` could compare it"
                )
                yield Diagnostic("missing-model", message, span, HINT)
                break
