"""Filters and mix name levels that exist and that every conversation passes."""

from collections.abc import Iterator

from tgc import recipe
from tgc.errors import Diagnostic, Span, nearest
from tgc.filters.base import AROUND, SEEN, SIBLINGS, Filter
from tgc.lower.checks.doubts import is_misplaced
from tgc.lower.outline import Outline

LATE = frozenset({"group", "ordinal", "scores"})
"""What no early filter knows of a node."""


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which levels a filter or the mix cannot use."""
    for index, given in enumerate(outline.recipe.filters):
        if given.level is not None:
            yield from unknown(outline, given.level, outline.reading.document.at("filters", index, "level"))
        yield from _unscored(outline, given, index)
        yield from _hasty(outline, given, index)
        yield from _unranked(outline, given, index)
        yield from _ungrouped(outline, given, index)
        yield from _unseen(outline, given, index)
    split = outline.recipe.mix.split
    if split is not None:
        yield from off_path(outline, split.by, split.by, outline.reading.document.at("mix", "split", "by"))


def _unscored(outline: Outline, given: Filter, index: int) -> Iterator[Diagnostic]:
    scores = [draft.written for draft in outline.drafts.values() if isinstance(draft.says, recipe.Score)]
    if given.by_score == (given.level in scores) or given.level in outline.reading.lost:
        return
    span = outline.reading.document.at("filters", index, "level")
    if given.by_score and given.level is None:
        if outline.reading.problems:  # one of which may be the level
            return
        yield Diagnostic(
            "not-a-score", f"`{given.kind}` needs the `level` that scores", span, nearest("", scores)
        )
    elif given.by_score and given.level in outline.drafts:
        message = f"`{given.level}` gives no score that `{given.kind}` could judge by"
        yield Diagnostic(
            "not-a-score", message, span, nearest("", scores) or "a level that scores says `score`"
        )
    elif not given.by_score:
        message = f"`{given.level}` scores the level above; `{given.kind}` has nothing to judge there"
        yield Diagnostic("not-a-score", message, span, "`kind: score` judges by a score")


def _unranked(outline: Outline, given: Filter, index: int) -> Iterator[Diagnostic]:
    """The level by whose scores the best of several is kept does score what is judged."""
    if given.scored_by is None or given.by_score or given.scored_by in outline.reading.lost:
        return
    span = outline.reading.document.at("filters", index, "best")
    yield from unknown(outline, given.scored_by, span)
    draft = outline.drafts.get(given.scored_by)
    levels = {level.name for level in outline.judged(given)}
    if draft and levels and not (isinstance(draft.says, recipe.Score) and levels == {draft.parent}):
        message = f"`{draft.name}` does not score all that this `{given.kind}` judges"
        hint = "`best` names the level that scores the `level` of the filter"
        yield Diagnostic("not-a-score", message, span, hint)


def _ungrouped(outline: Outline, given: Filter, index: int) -> Iterator[Diagnostic]:
    """The level within which nodes are compared is above them."""
    if given.grouped_by in (None, SIBLINGS) or given.grouped_by in outline.reading.lost:
        return
    span = outline.reading.document.at("filters", index, "within")
    yield from unknown(outline, given.grouped_by, span, also=(SIBLINGS,))
    for judged in outline.judged(given) if given.grouped_by in outline.drafts else ():
        above = [draft.name for draft in outline.above(judged.name)]
        if given.grouped_by not in above and not is_misplaced(outline, judged):
            message = f"`{given.grouped_by}` is not above `{judged.name}`, which this `{given.kind}` judges"
            hint = f"`within` names one of {', '.join(f'`{name}`' for name in (*above, SIBLINGS))}"
            yield Diagnostic("off-path", message, span, hint)
            return


def _unseen(outline: Outline, given: Filter, index: int) -> Iterator[Diagnostic]:
    """What a filter names besides a node's own columns is a level above."""
    for judged in outline.judged(given):
        above = [draft.name for draft in outline.above(judged.name)]
        missing = sorted(given.needs - AROUND - {*above, *outline.reading.lost})
        if missing and not is_misplaced(outline, judged):
            options = given.model_dump(exclude={"kind", "level"}).items()
            key = next(option for option, said in options if isinstance(said, str) and missing[0] in said)
            message = f"`{missing[0]}` is neither a column of nodes nor a level above `{judged.name}`"
            span = outline.reading.document.at("filters", index, key)
            hint = nearest(missing[0], (*above, *SEEN, *sorted(AROUND - {"scores", "group"})))
            yield Diagnostic("unknown-column", message, span, hint)
            return


def _hasty(outline: Outline, given: Filter, index: int) -> Iterator[Diagnostic]:
    if given.early and given.needs & LATE:
        span = outline.reading.document.at("filters", index, "early")
        message = (
            f"`{given.kind}` cannot be `early`: `{min(given.needs & LATE)}` is known when the tree is there"
        )
        yield Diagnostic("not-early", message, span, "without `early` it judges then")
    elif given.early and not given.alone:
        span = outline.reading.document.at("filters", index, "early")
        message = f"`{given.kind}` cannot be `early`: its verdict on a node depends on other nodes"
        yield Diagnostic("not-early", message, span, "without `early` it judges when the tree is there")


def off_path(outline: Outline, name: str, passed: str | None, span: Span) -> Iterator[Diagnostic]:
    """Say that there is no level of that name, or that conversations do not all pass the one it stands for."""
    yield from unknown(outline, name, span)
    if name not in outline.drafts or outline.reading.lost:
        return
    for end in outline.ends():
        path = [draft.name for draft in outline.path_to(end.name)]
        if passed not in path and not is_misplaced(outline, end):
            message = f"`{name}` is not above `{end.name}`, where conversations end"
            hint = f"all of them pass {', '.join(f'`{level}`' for level in path)}"
            yield Diagnostic("off-path", message, span, hint)
            return


def unknown(outline: Outline, name: str, span: Span, also: tuple[str, ...] = ()) -> Iterator[Diagnostic]:
    """Say that there is no level of that name, and none of the names that would do too."""
    if name not in {*outline.drafts, *outline.reading.lost, *also}:
        hint = nearest(name, (*outline.drafts, *also))
        yield Diagnostic("unknown-level", f"there is no level `{name}`", span, hint)


def judged(outline: Outline, name: str) -> str | None:
    """The level itself, or the one that it scores."""
    draft = outline.drafts.get(name)
    return draft.parent if draft and isinstance(draft.says, recipe.Score) else name
