"""Models from a hub are known by a commit: a name alone may mean other weights tomorrow."""

from collections.abc import Iterator

from tgc.errors import Diagnostic, Span
from tgc.lower.outline import Draft, Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which models are known by nothing but their name."""
    for draft in outline.drafts.values():
        if draft.model is not None and draft.model.digest == draft.model.id:
            message = f"`{draft.model.id}` is known by its name alone, and may be another model tomorrow"
            hint = f"`tgc lock {outline.reading.document.path}` pins it, or give its commit as `revision`"
            yield Diagnostic("unpinned-model", message, _place(outline, draft), hint, "warning")


def _place(outline: Outline, draft: Draft) -> Span:
    document = outline.reading.document
    loc = ("models", draft.asks.model) if draft.asks and draft.asks.model else ("model",)
    return document.at(*loc, "id") if document.has(*loc, "id") else document.at(*loc)
