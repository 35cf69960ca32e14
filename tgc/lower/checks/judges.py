"""Levels that score have something to score, and see it."""

from collections.abc import Iterator

from tgc import recipe
from tgc.errors import Diagnostic
from tgc.lower.checks import scopes
from tgc.lower.checks.doubts import doubtful, is_misplaced
from tgc.lower.outline import Draft, Outline


def check_level(outline: Outline, draft: Draft) -> Iterator[Diagnostic]:
    """Say which judge has nothing to judge, and which does not see what it judges."""
    if not isinstance(draft.says, recipe.Score) or outline.reading.lost:
        return
    if draft.says.depth > 1:
        message = f"`{draft.written}` would score its own scores"
        span, hint = outline.place(draft.name, "depth"), "leave `depth` out; `branch` asks for several scores"
        yield Diagnostic("score-depth", message, span, hint)
    elif draft.parent is None:
        message = f"`{draft.written}` scores the level above, and there is none"
        hint = "put it below the level to score, or name that: `under: …`"
        yield Diagnostic("nothing-to-score", message, outline.place(draft.name), hint)
    elif draft.says.measure == "ifd":
        yield from _unsaid(outline, draft, outline.drafts[draft.parent])
    elif draft.written not in doubtful(outline, "system") and not is_misplaced(outline, draft):
        yield from _blind(outline, draft, outline.drafts[draft.parent].written)


def _unsaid(outline: Outline, draft: Draft, judged: Draft) -> Iterator[Diagnostic]:
    """IFD is about a turn, and what the turn before does for it."""
    before = any(above.speaks for above in outline.above(judged.name))
    doubts = is_misplaced(outline, draft) or judged.written in doubtful(outline, "speaks")
    if not doubts and not (judged.speaks and before):
        what = "the first turn" if judged.speaks else "no turn of a dialogue"
        message = f"`ifd` tells how much the turn before helps, and `{judged.written}` is {what}"
        hint = "put it below an answer; `score: perplexity` is of any text"
        yield Diagnostic("nothing-to-score", message, outline.place(draft.name, "score"), hint)


def _blind(outline: Outline, draft: Draft, judged: str) -> Iterator[Diagnostic]:
    templates = [template for template in (draft.template, draft.system) if template]
    shown = {name for template in templates for name in template.variables}
    if draft.template and not shown & {judged, scopes.PARENT} and not scopes.unseen(outline, draft):
        message = f"the question of `{draft.written}` does not show `{judged}`, which it scores"
        span, hint = outline.place(draft.name, "score"), f"`{{{{ {judged} }}}}` shows it"
        yield Diagnostic("blind-score", message, span, hint, "warning")
