"""What the mix asks for is there in the tree: as many rows, several values to balance, subtrees on both sides."""

from collections.abc import Iterator, Mapping

from tgc import recipe
from tgc.counts import count
from tgc.errors import Diagnostic
from tgc.formats.base import TRAIN
from tgc.lower import selecting
from tgc.lower.checks import shares
from tgc.lower.checks.budgets import kept
from tgc.lower.outline import Outline

EMPTY = 0.75
"""From this chance on that no subtree falls on a side of the split, it is said so."""


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say what the mix asks for in vain."""
    counts = kept(outline)
    yield from _short(outline)
    yield from _single(outline, counts)
    if outline.recipe.mix.split:
        yield from _empty(outline, counts, outline.recipe.mix.split)


def _short(outline: Outline) -> Iterator[Diagnostic]:
    mix, filled = outline.recipe.mix, kept(outline, outline.recipe.mix.refill)
    most = sum(filled[end.name] for end in outline.ends())
    size = None if mix.blend else mix.size
    if size is not None and 0 < most < size:
        message = f"the tree gives at most {count(most, 'conversation')}, and `size` asks for {size:,}"
        span, hint = outline.reading.document.at("mix", "size"), "branch more, or ask for less"
        yield Diagnostic("short-mix", message, span, hint, "warning")


def _single(outline: Outline, counts: dict[str, int]) -> Iterator[Diagnostic]:
    document, given = outline.reading.document, outline.recipe.mix.balance
    for index, name in enumerate(given):
        if _values(outline, name, counts) == 1:
            message = f"`{name}` has one value, so there is nothing to balance"
            loc = ("mix", "balance", name if isinstance(given, Mapping) else index)
            yield Diagnostic("single-value", message, document.key(*loc), "leave it out", "warning")


def _values(outline: Outline, name: str, counts: dict[str, int]) -> int | None:
    """How many values a key has; None where that is not known."""
    draft, key = outline.drafts.get(name), selecting.key(outline, name)
    if draft:
        return counts[name] if draft.items is None else len(draft.items)
    known = shares.values(outline, key) if key.level is None else None
    return len(known) if known else None


def _empty(outline: Outline, counts: dict[str, int], split: recipe.Split) -> Iterator[Diagnostic]:
    subtrees = counts[split.by]
    few, many = (1 - split.share) ** subtrees, split.share**subtrees
    if subtrees == 1 or max(few, many) >= EMPTY:
        name = split.name if few >= many else TRAIN
        has = f"`{split.by}` has {count(subtrees, 'subtree')}"
        message = f"`{name}` may well stay empty: {has}, each held out with a chance of {split.share:g}"
        span = outline.reading.document.at("mix", "split", split.name)
        hint = "hold out by a level with more nodes, or another share"
        yield Diagnostic("empty-split", message, span, hint, "warning")
