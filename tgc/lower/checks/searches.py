"""Searches that end while somebody waits for them."""

from collections.abc import Iterator, Mapping

from tgc.counts import count
from tgc.errors import Diagnostic
from tgc.filters.base import SIBLINGS
from tgc.filters.semantic_duplicate import SemanticDuplicate
from tgc.lower.checks.budgets import kept
from tgc.lower.outline import Draft, Outline

HOUR = 3_000_000_000_000
"""Texts times those they are compared with that take two cores an hour (`benchmarks/refine/semantic.py`)."""


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which filter compares so many vectors exactly that it takes hours."""
    counts = kept(outline)
    for index, given in enumerate(outline.recipe.filters):
        if isinstance(given, SemanticDuplicate) and given.search == "exact":
            for draft in outline.judged(given):
                yield from _slow(outline, index, given, draft, counts)


def _slow(
    outline: Outline, index: int, given: SemanticDuplicate, draft: Draft, counts: Mapping[str, int]
) -> Iterator[Diagnostic]:
    texts = counts[draft.name]
    others = texts // _groups(outline, given.within, draft, counts)
    hours = texts * others // HOUR
    if hours:
        message = (
            f"`{given.kind}` compares each of {texts:,} texts of `{draft.written}` with {others:,}, "
            f"which takes two cores about {count(hours, 'hour')}"
        )
        hint = "`search: approximate` misses one in a hundred of those alike, `within` compares fewer"
        yield Diagnostic(
            "slow-search", message, outline.reading.document.at("filters", index, "kind"), hint, "warning"
        )


def _groups(outline: Outline, within: str | None, draft: Draft, counts: Mapping[str, int]) -> int:
    """How many groups the texts of a level fall into."""
    if within == SIBLINGS:
        return counts[draft.parent] if draft.parent else 1
    named = (above.name for above in outline.above(draft.name) if within in (above.name, above.written))
    return counts.get(next(named, ""), 1)
