"""Pairs are of two answers to the same turn, which something tells apart."""

from collections.abc import Iterator

from tgc import recipe, schema
from tgc.errors import Diagnostic
from tgc.lower.checks.selections import unknown
from tgc.lower.outline import Outline
from tgc.recipe.mix import Pairs


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which pairs cannot be, and which outputs want some."""
    pairs = outline.recipe.mix.pairs
    if pairs is None:
        yield from _wanting(outline)
        return
    for key in ("chosen", "rejected", "by"):
        name = getattr(pairs, key)
        yield from unknown(outline, name, outline.reading.document.at("mix", "pairs", key)) if name else ()
    yield from _plain(outline)
    flaw = _beside(outline) or _levels(outline, pairs)
    if flaw:
        message, hint = flaw
        yield Diagnostic("bad-pairs", message, outline.reading.document.key("mix", "pairs"), hint)


def _wanting(outline: Outline) -> Iterator[Diagnostic]:
    for index, output in enumerate(outline.recipe.emit):
        if output.paired:
            span = outline.reading.document.at("emit", index, "format")
            message = f"`{output.format}` writes pairs of answers, and the mix has none"
            hint = "`mix: {pairs: {chosen: …, rejected: …}}` says which answers are told apart"
            yield Diagnostic("bad-pairs", message, span, hint)


def _plain(outline: Outline) -> Iterator[Diagnostic]:
    for index, source in enumerate(outline.recipe.mix.blend):
        if not source.paired:
            span = outline.reading.document.at("mix", "blend", index, "format")
            message = f"rows of `{source.format}` have no answer that is rejected, and the mix is of pairs"
            yield Diagnostic("bad-pairs", message, span, "`format: preference` reads rows that have one")


def _beside(outline: Outline) -> tuple[str, str] | None:
    if not outline.recipe.mix.turns:
        return None
    message = (
        "pairs end with the levels that they name, all after as many turns, and `turns` wants other ends"
    )
    return message, "leave `turns` out; pairs of another turn are a recipe of their own"


def _levels(outline: Outline, pairs: Pairs) -> tuple[str, str] | None:
    chosen, rejected = outline.drafts.get(pairs.chosen), outline.drafts.get(pairs.rejected)
    if chosen is None or rejected is None:
        return None
    for draft in (chosen, rejected):
        if draft.speaks != "assistant":
            return f"`{draft.written}` is no answer", "both levels speak as the assistant"
    if chosen.parent != rejected.parent:
        message = f"`{pairs.chosen}` and `{pairs.rejected}` do not answer the same turn"
        return message, "`under` gives both the same level above"
    return _told_apart(outline, pairs)


def _told_apart(outline: Outline, pairs: Pairs) -> tuple[str, str] | None:
    if pairs.by is None:
        same, hint = pairs.chosen == pairs.rejected, "`by` names a level that scores them"
        return (f"nothing tells answers of `{pairs.chosen}` apart", hint) if same else _lone(pairs)
    if pairs.chosen != pairs.rejected:
        return (
            f"`{pairs.by}` scores one level, and pairs are of two",
            "leave `by` out, or name one level twice",
        )
    judge = outline.drafts.get(pairs.by)
    if judge and not (isinstance(judge.says, recipe.Score) and judge.parent == pairs.chosen):
        return (
            f"`{pairs.by}` does not score `{pairs.chosen}`",
            "a level that scores says `score`, below the answers",
        )
    if judge and judge.asks and isinstance(schema.scale(judge.asks.shape), schema.Choice):
        return (
            f"`{pairs.by}` answers by choices, and answers are ranked by numbers",
            "let it answer in numbers, such as `answers: 1..5`",
        )
    return None


def _lone(pairs: Pairs) -> tuple[str, str] | None:
    return ("`margin` is of scores, and nothing is scored", "leave `margin` out") if pairs.margin else None
