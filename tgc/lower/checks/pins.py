"""Models from a hub are known by a commit: a name alone may mean other weights tomorrow."""

from collections.abc import Iterator

from tgc.errors import Diagnostic, Span
from tgc.lower.outline import Draft, Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which models are known by nothing but their name."""
    for draft in outline.drafts.values():
        for name in draft.model.loose if draft.model is not None else ():
            message = f"`{name}` is known by its name alone, and may be another model tomorrow"
            hint = f"`tgc lock {outline.reading.document.path}` pins it, or give its commit as `revision`"
            yield Diagnostic("unpinned-model", message, _place(outline, draft, name), hint, "warning")


def _place(outline: Outline, draft: Draft, name: str) -> Span:
    """Where the model says that name: as the whole of it, its `id`, its `adapter` or one it is merged with."""
    document = outline.reading.document
    home = ("models", draft.asks.model) if draft.asks and draft.asks.model else ("model",)
    said = (loc for loc in document.values if loc[: len(home)] == home and document.get(*loc) == name)
    return document.at(*next(said, home))
