"""Bins of the mix are of numbers, meet in order, and have as many weights as there are of them."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from tgc import ir, recipe, schema
from tgc.errors import Diagnostic
from tgc.lower import selecting
from tgc.lower.checks.doubts import doubtful
from tgc.lower.checks.shares import values
from tgc.lower.outline import Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which bins cannot be."""
    given = outline.recipe.mix.balance
    for name, spread in given.items() if isinstance(given, Mapping) else ():
        if isinstance(spread, recipe.Bins):
            yield from _order(outline, name, spread)
            yield from _weights(outline, name, spread)
            yield from _numbers(outline, name)


def _order(outline: Outline, name: str, given: recipe.Bins) -> Iterator[Diagnostic]:
    for place, (low, high) in enumerate(pairwise(given.bins), 1):
        if low >= high:
            span = outline.reading.document.at("mix", "balance", name, "bins", place)
            message = f"`bins` should ascend, and `{high:g}` comes after `{low:g}`"
            yield Diagnostic(
                "out-of-range", message, span, "`[2, 4]` makes three bins, which meet at 2 and 4"
            )


def _weights(outline: Outline, name: str, given: recipe.Bins) -> Iterator[Diagnostic]:
    if not given.weights:
        return
    bins, span = len(given.bins) + 1, outline.reading.document.at("mix", "balance", name, "weights")
    if len(given.weights) != bins:
        message = f"`bins` makes {bins} of `{name}`, and `weights` are {len(given.weights)}"
        yield Diagnostic("bad-shares", message, span, "each bin has a weight, the lowest first")
    elif not any(given.weights):
        message = f"nothing that `{name}` says has any weight"
        yield Diagnostic("bad-shares", message, span, "a weight is more than 0")


def _numbers(outline: Outline, name: str) -> Iterator[Diagnostic]:
    key = selecting.key(outline, name)
    if not _says_numbers(outline, key):
        span = outline.reading.document.key("mix", "balance", name)
        hint = "scores, numeric fields, `turns` and `tokens` have bins"
        yield Diagnostic("wrong-scale", f"`{name}` says no numbers that could go into bins", span, hint)


def _says_numbers(outline: Outline, key: ir.Key) -> bool:
    """Whether it may say numbers, as far as can be told before anything is written."""
    known = values(outline, key)
    if key.level is None or known is not None:
        return key.field in (ir.TURNS, ir.TOKENS) or all(map(_is_number, known or ("",)))
    draft = outline.drafts.get(key.level)
    if draft is None or draft.asks is None or draft.written in doubtful(outline, "answers"):
        return True
    shape = schema.single(draft.asks.shape)
    if key.field is not None:
        said = dict(shape.fields).get(key.field) if isinstance(shape, schema.Fields) else None
        return said not in (schema.Scalar("str"), schema.Scalar("bool"))
    return isinstance(draft.says, recipe.Score) or isinstance(shape, schema.Weighed)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
