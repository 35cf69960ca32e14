"""What is compared by the states of the model that wrote it was written by one."""

from collections.abc import Iterator

from tgc.errors import Diagnostic
from tgc.filters.base import MODEL
from tgc.lower.outline import Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which filter wants vectors of a model where none wrote what it judges."""
    for index, given in enumerate(outline.recipe.filters):
        if given.embedded_by != MODEL:
            continue
        for draft in outline.judged(given):
            if draft.asks is None:
                span = outline.reading.document.at("filters", index, "embedder")
                message = (
                    f"no model writes `{draft.written}`, by whose states `{given.kind}` could compare it"
                )
                hint = "`embedder` names a sentence-transformers model, or `words`"
                yield Diagnostic("missing-model", message, span, hint)
                break
