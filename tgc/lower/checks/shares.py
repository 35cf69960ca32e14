"""The mix has one budget, and its shares are of what conversations can be."""

import json
import re
from collections.abc import Iterator, Mapping
from math import isclose

from tgc import ir, schema
from tgc.counts import count
from tgc.detect import languages
from tgc.errors import Diagnostic, Span, nearest
from tgc.lower import selecting
from tgc.lower.checks import dialogues, scopes
from tgc.lower.checks.doubts import is_misplaced
from tgc.lower.checks.selections import judged, off_path, unknown
from tgc.lower.outline import Draft, Outline
from tgc.recipe.mix import TURNS

CLOSE = 1e-9
"""How far from one shares may add up, as 0.1 + 0.2 does from 0.3."""

MOST_VALUES = 1_000
"""Of longer ranges it is not said which numbers they have."""


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which budgets, shares and weights of the mix cannot be."""
    yield from _budgets(outline)
    yield from _turns(outline)
    yield from _balance(outline)


def _budgets(outline: Outline) -> Iterator[Diagnostic]:
    document, mix = outline.reading.document, outline.recipe.mix
    if mix.size is not None and mix.tokens is not None:
        message = "the mix is to end at `size` rows and at a number of `tokens`"
        yield Diagnostic("two-budgets", message, document.key("mix", "tokens"), "one of the two is enough")
    if any(outline.reading.whole.has("mix", key) for key in ("size", "tokens")):
        return
    single = isinstance(mix.turns, Mapping) and sum(map(bool, mix.turns.values())) == 1
    needy = [name for name, given in (("turns", mix.turns and not single), ("balance", mix.balance)) if given]
    if needy:
        verb = "need" if len(needy) > 1 else "needs"
        message = f"`{'` and `'.join(needy)}` {verb} a `size` or `tokens` of which to give shares"
        hint = "say how many rows: `size: …`"
        yield Diagnostic("balance-without-size", message, document.key("mix", needy[0]), hint)


def _turns(outline: Outline) -> Iterator[Diagnostic]:
    given, document = outline.recipe.mix.turns, outline.reading.document
    if not isinstance(given, Mapping):
        return
    yield from _missing_turns(outline, given)
    total = sum(given.values())
    if not isclose(total, 1, abs_tol=CLOSE) and not _is_cut(outline):
        message, hint = f"the shares of `turns` add up to {total:g}", "shares are of a whole, which is 1"
        yield Diagnostic("bad-shares", message, document.key("mix", "turns"), hint)


def _is_cut(outline: Outline) -> bool:
    """Whether a share of `turns` was not understood, or something is given twice."""
    reading = outline.reading
    cut = reading.whole.values.keys() - reading.document.values.keys()
    twice = any(problem.code == "duplicate-key" for problem in reading.problems)
    return twice or any(loc[:2] == ("mix", "turns") for loc in cut)


def _missing_turns(outline: Outline, given: Mapping[str, float]) -> Iterator[Diagnostic]:
    """Shares of turns that the tree does not have go to the others, if there are any."""
    if outline.reading.lost or not outline.answers() or _is_uncounted(outline):
        return
    known = sorted({outline.turns(draft.name) for draft in outline.answers()})
    numbers, hint = {*map(str, known)}, f"conversations of this tree have {_listed(known)}"
    served = any(share for name, share in given.items() if name in numbers)
    for name in given:
        span = outline.reading.document.key("mix", "turns", name)
        if not re.fullmatch(TURNS, name):
            yield Diagnostic("no-such-turns", f"`{name}` is no number of turns", span, hint)
        elif name not in numbers:
            message = f"no conversation of this tree has {_listed([int(name)])}"
            yield Diagnostic("no-such-turns", message, span, hint, "warning" if served else "error")


def _is_uncounted(outline: Outline) -> bool:
    """Whether it is not known how many turns there are, for some level hangs or speaks wrongly."""
    return any(
        is_misplaced(outline, draft) or any(dialogues.check_level(outline, draft))
        for draft in outline.drafts.values()
    )


def _balance(outline: Outline) -> Iterator[Diagnostic]:
    document, given = outline.reading.document, outline.recipe.mix.balance
    if isinstance(given, Mapping):
        for name, spread in given.items():
            yield from _key(outline, name, document.key("mix", "balance", name))
            if isinstance(spread, Mapping):
                yield from _weights(outline, name, spread)
    else:
        for index, name in enumerate(given):
            span = document.at("mix", "balance", index)
            yield from _key(outline, name, span)
            if name in given[:index]:
                yield Diagnostic("duplicate-value", f"`{name}` is balanced twice", span)


def _key(outline: Outline, name: str, span: Span) -> Iterator[Diagnostic]:
    key = selecting.key(outline, name)
    if key.level is None:
        if key.field == ir.TURNS and outline.recipe.mix.turns is not None:
            yield Diagnostic("duplicate-value", "`turns` are given shares of their own", span)
    elif key.field is None and key.level not in outline.drafts:
        yield from unknown(outline, key.level, span, ir.WHOLE)
    else:
        yield from off_path(outline, key.level, judged(outline, key.level), span)
        yield from _field(outline, key, span)


def _field(outline: Outline, key: ir.Key, span: Span) -> Iterator[Diagnostic]:
    draft = outline.drafts.get(key.level or "")
    if draft is None or key.field is None or key.field in (draft.fields or ()):
        return
    if scopes.is_doubtful(outline, draft, key.field):
        return
    message = f"`{key.name}` is asked for, but `{draft.written}` has no such field"
    yield Diagnostic("unknown-field", message, span, nearest(key.field, draft.fields or ()))


def _weights(outline: Outline, name: str, given: Mapping[str, float]) -> Iterator[Diagnostic]:
    document, loc = outline.reading.document, ("mix", "balance", name)
    spread, known = selecting.spread(given), values(outline, selecting.key(outline, name))
    match spread:
        case ir.Temperature(0):
            span = document.at(*loc, selecting.TEMPERATURE)
            yield Diagnostic("out-of-range", "`temperature` should be more than 0, not `0`", span)
        case ir.Weights(named, others):
            for value, _ in named:
                if known is not None and value not in known:
                    message, span = f"`{name}` has no value `{value}`", document.key(*loc, value)
                    yield Diagnostic("unknown-value", message, span, nearest(value, known))
            if not others and not any(weight for _, weight in named):
                message = f"nothing that `{name}` says has any weight"
                yield Diagnostic("bad-shares", message, document.key(*loc), "a weight is more than 0")


def values(outline: Outline, key: ir.Key) -> frozenset[str] | None:
    """All that conversations can be by a key; None where that is not known before they are written."""
    if key.level is None:
        return _wholes(outline, key.field)
    draft = outline.drafts.get(key.level)
    if draft is None or draft.is_broken or (key.field and key.field not in (draft.fields or ())):
        return None
    if draft.items is not None:
        return frozenset(_said(item, key.field) for item in draft.items)
    return _choices(draft, key.field)


def _wholes(outline: Outline, field: str | None) -> frozenset[str] | None:
    match field:
        case ir.TURNS:
            return frozenset(str(outline.turns(draft.name)) for draft in outline.answers())
        case ir.LEVEL:
            return frozenset(draft.name for draft in outline.ends())
        case ir.LANGUAGE:
            return languages.CODES
        case _:
            return None


def _said(item: ir.Value, field: str | None) -> str:
    value = item.text if field is None else json.loads(item.data or "{}").get(field)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _choices(draft: Draft, field: str | None) -> frozenset[str] | None:
    shape = schema.single(draft.asks.shape) if draft.asks else schema.Text()
    whole = dict(shape.fields).get(field or "") if isinstance(shape, schema.Fields) else shape
    match whole:
        case schema.Choice(options):
            return frozenset(options)
        case schema.Weighed(schema.Choice(options)) if field is None:
            return frozenset(options)
        case schema.Range(low, high) if high - low < MOST_VALUES:
            return frozenset(map(str, range(low, high + 1)))
        case _:
            return None


def _listed(turns: list[int]) -> str:
    *others, last = turns
    return f"{', '.join(map(str, others))} or {last} turns" if others else count(last, "turn")
