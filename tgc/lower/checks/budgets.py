"""What a recipe costs stays within limits: nodes of the tree, tokens of a prompt, draws that differ."""

from collections.abc import Iterator
from itertools import accumulate
from math import ceil

from tgc import recipe, schema
from tgc.errors import Diagnostic
from tgc.lower.checks.scopes import PARENT
from tgc.lower.outline import Draft, Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say where the tree explodes, where a dialogue outgrows its model, and which draws are wasted."""
    yield from _fan_out(outline)
    for draft in outline.drafts.values():
        yield from _overflow(outline, draft)
        yield from _wasted(outline, draft)


def _fan_out(outline: Outline) -> Iterator[Diagnostic]:
    limit, nodes = outline.recipe.limits.nodes, _nodes(outline)
    sums = dict(zip(nodes, accumulate(nodes.values()), strict=True))
    first = next((name for name in sums if sums[name] > limit), None)
    if first is not None:
        total = sum(nodes.values())
        message = f"`{first}` brings the tree to {sums[first]:,} nodes, and the limit is {limit:,}"
        hint = f"branch less, or allow the whole tree by `limits: {{nodes: {total:_}}}`"
        yield Diagnostic("fan-out", message, outline.place(first, "branch"), hint)


def _nodes(outline: Outline) -> dict[str, int]:
    kept: dict[str | None, int] = {None: 1}
    nodes: dict[str, int] = {}
    for draft in outline.drafts.values():
        kept[draft.name] = kept[draft.parent] * draft.branch
        nodes[draft.name] = kept[draft.parent] * ceil(draft.branch * _oversample(draft))
    return nodes


def _oversample(draft: Draft) -> float:
    return draft.asks.distinct.oversample if draft.asks and draft.asks.distinct else 1.0


def _overflow(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    room = draft.model.context if draft.model else None
    if room is None or draft.asks is None:
        return
    before = draft.asks.max_tokens * (draft.asks.branch - 1) if _is_listed(draft) else 0
    tokens = before + sum(level.asks.max_tokens for level in (*_read(outline, draft), draft) if level.asks)
    if tokens > room:
        message = f"`{draft.written}` may need {tokens:,} tokens, and its model has room for {room:,}"
        hint = "lower `max_tokens` here or above"
        yield Diagnostic("context-overflow", message, outline.place(draft.name, "max_tokens"), hint)


def _read(outline: Outline, draft: Draft) -> Iterator[Draft]:
    asked = draft.template.variables if draft.template else ()
    for above in outline.above(draft.name):
        named = above.written in asked or (PARENT in asked and above.name == draft.parent)
        if named or (above.speaks and isinstance(draft.says, recipe.Turn)):
            yield above


def _is_listed(draft: Draft) -> bool:
    """Whether each sibling is written after those before it."""
    return draft.asks is not None and isinstance(draft.asks.shape, schema.Items)


def _wasted(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    if draft.asks is None:
        return
    if draft.asks.branch > 1 and draft.sampling.temperature == 0 and not _is_listed(draft):
        message = f"the {draft.asks.branch} siblings of `{draft.written}` will be equal at temperature 0"
        span, hint = outline.place(draft.name, "branch"), "raise `temperature`, or leave `branch` out"
        yield Diagnostic("greedy-branches", message, span, hint, "warning")
    if draft.asks.branch == 1 and draft.asks.distinct:
        message = f"`{draft.written}` has no siblings to be distinct from"
        span, hint = outline.place(draft.name, "distinct"), "give it a `branch` of 2 or more"
        yield Diagnostic("distinct-alone", message, span, hint, "warning")
