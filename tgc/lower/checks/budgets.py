"""What a recipe costs stays within limits: nodes of the tree, tokens of a prompt."""

from collections.abc import Iterator, Mapping
from itertools import accumulate
from math import ceil
from types import MappingProxyType

from tgc import recipe, schema
from tgc.counts import count
from tgc.errors import Diagnostic
from tgc.lower.checks.doubts import doubtful
from tgc.lower.checks.scopes import PARENT
from tgc.lower.outline import Draft, Outline

Branches = Mapping[str, int]
AS_WRITTEN: Branches = MappingProxyType({})
"""No other branches than the recipe's."""


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say where the tree explodes."""
    limit, counts = outline.recipe.limits.nodes, nodes(outline)
    sums = dict(zip(counts, accumulate(counts.values()), strict=True))
    first = next((name for name in sums if sums[name] > limit), None)
    if first is not None:
        total = sum(counts.values())
        message = f"`{first}` brings the tree to {sums[first]:,} nodes, and the limit is {limit:,}"
        hint = f"branch less, or allow the whole tree by `limits: {{nodes: {total:_}}}`"
        yield Diagnostic("fan-out", message, outline.place(first, "branch"), hint)


def check_level(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    """Say where a dialogue outgrows its model."""
    room = draft.model.context if draft.model else None
    if room is None or draft.asks is None:
        return
    before = draft.asks.max_tokens * (draft.asks.branch - 1) if draws_items(draft) else 0
    read = (*_read(outline, draft), draft)
    tokens = before + sum(level.asks.max_tokens for level in read if level.asks)
    doubts = doubtful(outline, "max_tokens", "branch", "answers")
    if tokens > room and doubts.isdisjoint(level.written for level in read):
        message = f"`{draft.written}` may need {count(tokens, 'token')}, and its model has room for {room:,}"
        hint = "lower `max_tokens` here or above"
        yield Diagnostic("context-overflow", message, outline.place(draft.name, "max_tokens"), hint)


def kept(outline: Outline, branches: Branches = AS_WRITTEN) -> dict[str, int]:
    """How many nodes each level has at most, less those that are drawn and not kept.

    Args:
        outline: the recipe.
        branches: other branches than its own of some levels, by their names.
    """
    counts: dict[str | None, int] = {None: 1}
    for draft in outline.drafts.values():
        counts[draft.name] = counts[draft.parent] * branches.get(draft.name, draft.branch)
    return {name: count for name, count in counts.items() if name is not None}


def nodes(outline: Outline, branches: Branches = AS_WRITTEN) -> dict[str, int]:
    """How many nodes each level has at most, with all that are drawn."""
    counts = kept(outline, branches)
    return {
        draft.name: (counts[draft.parent] if draft.parent else 1)
        * ceil(branches.get(draft.name, draft.branch) * _oversample(draft))
        for draft in outline.drafts.values()
    }


def draws_items(draft: Draft) -> bool:
    """Whether siblings are items of a list, each written after those before it."""
    return draft.asks is not None and isinstance(draft.asks.shape, schema.Items)


def _oversample(draft: Draft) -> float:
    return draft.asks.distinct.oversample if draft.asks and draft.asks.distinct else 1.0


def _read(outline: Outline, draft: Draft) -> Iterator[Draft]:
    """What is above a level and stands in its prompt; of a level applied several times, a name means the last."""
    asked = draft.template.variables if draft.template else ()
    last = {above.written: above.name for above in outline.above(draft.name)}
    for above in outline.above(draft.name):
        by_name = above.written in asked and last[above.written] == above.name
        named = by_name or (PARENT in asked and above.name == draft.parent)
        if named or (above.speaks and isinstance(draft.says, recipe.Turn)):
            yield above
