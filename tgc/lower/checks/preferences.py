"""What the mix prefers is there: a number by which siblings can be ranked, a level whose texts can differ."""

from collections.abc import Iterator

from tgc import ir, recipe, schema
from tgc.errors import Diagnostic, Span, nearest
from tgc.lower.checks.doubts import doubtful
from tgc.lower.checks.selections import judged, off_path, unknown
from tgc.lower.outline import Draft, Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which levels `best` and `diverse` cannot use."""
    document, mix = outline.reading.document, outline.recipe.mix
    if mix.best:
        yield from _best(outline, mix.best.by)
    if isinstance(mix.diverse, recipe.Diverse):
        yield from _diverse(outline, mix.diverse.of, document.at("mix", "diverse", "of"))
    elif mix.diverse:
        yield from _diverse(outline, mix.diverse, document.at("mix", "diverse"))


def _diverse(outline: Outline, of: str, span: Span) -> Iterator[Diagnostic]:
    if of in outline.drafts:
        yield from off_path(outline, of, of, span)
    elif of != ir.MESSAGES:
        yield from unknown(outline, of, span, (ir.MESSAGES,))


def _best(outline: Outline, name: str) -> Iterator[Diagnostic]:
    span = outline.reading.document.at("mix", "best", "by")
    draft = outline.drafts.get(name)
    if draft and not isinstance(draft.says, recipe.Score):
        scores = [other.written for other in outline.drafts.values() if isinstance(other.says, recipe.Score)]
        hint = nearest(name, scores) or "a level that scores says `score`"
        yield Diagnostic("not-a-score", f"`{name}` gives no score by which one is best", span, hint)
        return
    yield from off_path(outline, name, judged(outline, name), span)
    if draft and (options := _options(outline, draft)):
        shown = " or ".join(f"`{option}`" for option in options)
        message = f"`{name}` answers {shown}, and `best` ranks by numbers"
        yield Diagnostic("wrong-scale", message, span, "let it answer in numbers, such as `answers: 1..5`")


def _options(outline: Outline, draft: Draft) -> tuple[str, ...]:
    """The choices of a judge that gives no number."""
    shape = draft.asks.shape if draft.asks and draft.written not in doubtful(outline, "answers") else None
    scale = schema.scale(shape) if shape else None
    return scale.options if isinstance(scale, schema.Choice) else ()
