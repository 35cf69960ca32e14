"""Draws that are worth what they cost: siblings that can differ, and options that have an effect."""

from collections.abc import Iterator
from math import ceil

from tgc import recipe, schema
from tgc.errors import Diagnostic
from tgc.lower.checks.budgets import draws_items
from tgc.lower.checks.doubts import doubtful
from tgc.lower.drawing import never_distinct, tells_siblings_apart
from tgc.lower.outline import Draft, Outline
from tgc.sampling import Sampling


def check_level(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    """Say which draws of a level are wasted, and which of its options."""
    if draft.asks is None or draft.written in doubtful(outline, "branch", "sampling", "distinct", "answers"):
        return
    yield from _greedy(outline, draft, draft.asks)
    if draft.asks.distinct is not None:
        yield from _distinct(outline, draft, draft.asks, draft.asks.distinct)
    if isinstance(draft.asks.shape, schema.Weighed):
        yield from _unheeded(outline, draft, draft.asks)
    else:
        yield from _siblings(outline, draft, draft.asks)
    if draft.asks.stop and not isinstance(schema.single(draft.asks.shape), schema.Text | schema.Line):
        message = f"no `stop` ends `{draft.written}`: an answer of that shape ends where it is complete"
        span, hint = outline.place(draft.name, "stop"), "leave `stop` out"
        yield Diagnostic("idle-stop", message, span, hint, "warning")


def _greedy(outline: Outline, draft: Draft, asks: recipe.Generating) -> Iterator[Diagnostic]:
    why, hint = _equal(draft.sampling, asks)
    if asks.branch > 1 and why and not draws_items(draft) and not tells_siblings_apart(draft):
        message = f"the {asks.branch} siblings of `{draft.written}` will be equal{why}"
        yield Diagnostic("greedy-branches", message, outline.place(draft.name, "branch"), hint, "warning")


def _equal(sampling: Sampling, asks: recipe.Generating) -> tuple[str, str]:
    """Why siblings that are asked alike are equal, and a hint; empty where they can differ."""
    if isinstance(asks.shape, schema.Weighed):
        return ", for none is drawn where answers are weighed", "leave `branch` out"
    why, remedy = _always_likeliest(sampling)
    return (f" at {why}", f"{remedy}, or leave `branch` out") if why else ("", "")


def _always_likeliest(sampling: Sampling) -> tuple[str, str]:
    """Why no token but the likeliest is ever drawn, and the remedy; empty where others are."""
    ranked = sampling.temperature == 0 and sampling.siblings == "distinct"
    if ranked or sampling.dp_lambda < 1:
        return "", ""
    if sampling.temperature == 0:
        return "temperature 0", "raise `temperature`"
    if sampling.top_k == 1:
        return "`top_k: 1`", "raise `top_k`"
    return ("`min_p: 1`", "lower `min_p`") if sampling.min_p == 1 else ("", "")


def _unheeded(outline: Outline, draft: Draft, asks: recipe.Generating) -> Iterator[Diagnostic]:
    if asks.sampling.model_fields_set:
        message = f"no `sampling` moves `{draft.written}`: where answers are weighed, none is drawn"
        span, hint = outline.place(draft.name, "sampling"), "leave `sampling` out"
        yield Diagnostic("idle-sampling", message, span, hint, "warning")


def _siblings(outline: Outline, draft: Draft, asks: recipe.Generating) -> Iterator[Diagnostic]:
    why = never_distinct(draft)
    if asks.sampling.siblings == "distinct" and why:
        message = f"no sibling of `{draft.written}` is drawn without replacement: {why}"
        span, hint = outline.place(draft.name, "sampling", "siblings"), "leave `siblings` out"
        yield Diagnostic("idle-siblings", message, span, hint, "warning")


def _distinct(
    outline: Outline, draft: Draft, asks: recipe.Generating, given: recipe.Distinct
) -> Iterator[Diagnostic]:
    if asks.branch == 1:
        message = f"`{draft.written}` has no siblings to be distinct from"
        span, hint = outline.place(draft.name, "distinct"), "give it a `branch` of 2 or more"
        yield Diagnostic("distinct-alone", message, span, hint, "warning")
    elif isinstance(schema.single(asks.shape), schema.Choice | schema.Range | schema.Weighed):
        message = (
            f"the answers of `{draft.written}` are a choice, of which none is more distinct than another"
        )
        span, hint = outline.place(draft.name, "distinct"), "leave `distinct` out"
        yield Diagnostic("distinct-choices", message, span, hint, "warning")
    elif ceil(asks.branch * given.oversample) == asks.branch:
        message = f"`{draft.written}` draws {asks.branch} siblings to keep {asks.branch}, so none is picked"
        span, hint = outline.place(draft.name, "distinct", "oversample"), "raise `oversample` above 1"
        yield Diagnostic("distinct-all", message, span, hint, "warning")
