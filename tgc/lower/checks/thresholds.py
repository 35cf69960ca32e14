"""Filters that leave something, and leave something out: bounds that fit what the judged levels write."""

from collections.abc import Iterator

from tgc import recipe, schema
from tgc.counts import count
from tgc.errors import Diagnostic, nearest
from tgc.filters.base import Filter
from tgc.filters.length import Length
from tgc.filters.score import Score
from tgc.lower.checks.doubts import doubtful
from tgc.lower.outline import Draft, Outline


def check(outline: Outline) -> Iterator[Diagnostic]:
    """Say which filters cannot reject anything, which reject everything, and which misread a score."""
    for index, given in enumerate(outline.recipe.filters):
        judged = _judged(outline, given)
        if isinstance(given, Score):
            for draft in judged:
                yield from _scale(outline, index, given, draft)
        elif not judged:
            yield from _idle(outline, index, given)
        if isinstance(given, Length):
            yield from _length(outline, index, given, judged)


def _judged(outline: Outline, given: Filter) -> tuple[Draft, ...]:
    drafts = outline.drafts.values()
    if given.level is None:
        return tuple(draft for draft in drafts if draft.speaks in given.roles)
    return tuple(draft for draft in drafts if given.level in (draft.name, draft.written))


def _idle(outline: Outline, index: int, given: Filter) -> Iterator[Diagnostic]:
    """A filter of turns in a tree where nobody speaks; `no-conversations` says so of outputs."""
    if given.level is None and not given.by_score and not outline.reading.lost and not outline.recipe.emit:
        message = f"`{given.kind}` judges turns of {_either(given.roles)}, and no level speaks as such"
        yield _warning(outline, "idle-filter", message, "name the `level` to judge", index, "kind")


def _length(outline: Outline, index: int, given: Length, judged: tuple[Draft, ...]) -> Iterator[Diagnostic]:
    writing = [
        draft for draft in judged if draft.asks and draft.written not in doubtful(outline, "max_tokens")
    ]
    counted = (given.min_words, given.max_words, given.min_chars, given.max_chars)
    tokens_only = all(bound is None for bound in counted)
    if judged and tokens_only and given.level is not None and not any(draft.asks for draft in judged):
        message = f"no model writes `{given.level}`, so its texts have no tokens to count"
        hint = "`min_words` and `min_chars` count words and characters"
        yield _warning(outline, "idle-filter", message, hint, index, "level")
    for draft in writing:
        most = draft.asks.max_tokens if draft.asks else 0
        if given.min_tokens is not None and given.min_tokens > most:
            message = (
                f"`{draft.written}` has at most {count(most, 'token')}, so `{given.kind}` rejects all of it"
            )
            hint = f"lower `min_tokens`, or raise `max_tokens` of `{draft.written}`"
            yield _warning(outline, "rejects-all", message, hint, index, "min_tokens")
            return


def _scale(outline: Outline, index: int, given: Score, draft: Draft) -> Iterator[Diagnostic]:
    if not isinstance(draft.says, recipe.Score) or draft.written in doubtful(outline, "answers"):
        return
    match schema.scale(draft.says.shape):
        case schema.Range() as numbers:
            yield from _numbers(outline, index, given, draft, numbers)
        case schema.Choice(options):
            yield from _choices(outline, index, given, draft, options)
        case schema.Text() if given.accept:
            message = f"`{draft.written}` gives numbers, and `accept` names choices"
            yield _error(outline, "wrong-scale", message, "`min` and `max` bound numbers", index, "accept")


def _numbers(
    outline: Outline, index: int, given: Score, draft: Draft, scale: schema.Range
) -> Iterator[Diagnostic]:
    if given.accept:
        message = (
            f"`{draft.written}` gives numbers from {scale.low} to {scale.high}, and `accept` names choices"
        )
        yield _error(outline, "wrong-scale", message, "`min` and `max` bound numbers", index, "accept")
        return
    bounds = {key: bound for key in ("min", "max") if (bound := getattr(given, key)) is not None}
    outside = {key: bound for key, bound in bounds.items() if not scale.low <= bound <= scale.high}
    for key, bound in outside.items():
        wanted = f"from {scale.low} to {scale.high}, as `{draft.written}` scores"
        yield _error(
            outline, "out-of-range", f"`{key}` should be {wanted}, not `{bound:g}`", None, index, key
        )
    if (
        not outside
        and bounds.get("min", scale.low) == scale.low
        and bounds.get("max", scale.high) == scale.high
    ):
        yield from _lenient(outline, index, draft, next(iter(bounds)))


def _choices(
    outline: Outline, index: int, given: Score, draft: Draft, options: tuple[str, ...]
) -> Iterator[Diagnostic]:
    shown = " or ".join(f"`{option}`" for option in options)
    if not given.accept:
        key = "max" if given.min is None else "min"
        message = f"`{draft.written}` answers {shown}, and `{key}` bounds numbers"
        hint = f"`accept: [{options[0]}]` names the choices that are kept"
        yield _error(outline, "wrong-scale", message, hint, index, key)
        return
    unknown = {place: word for place, word in enumerate(given.accept) if word not in options}
    for place, word in unknown.items():
        message = f"`{draft.written}` never answers `{word}`"
        yield _error(outline, "out-of-range", message, nearest(word, options), index, "accept", place)
    if not unknown and set(given.accept) == set(options):
        yield from _lenient(outline, index, draft, "accept")


def _lenient(outline: Outline, index: int, draft: Draft, key: str) -> Iterator[Diagnostic]:
    if draft.when is None:  # else it tells what was scored from what was not
        message = f"every score of `{draft.written}` passes"
        yield _warning(outline, "idle-filter", message, "ask for more, or leave the filter out", index, key)


def _error(outline: Outline, code: str, message: str, hint: str | None, *loc: str | int) -> Diagnostic:
    return Diagnostic(code, message, outline.reading.document.at("filters", *loc), hint)


def _warning(outline: Outline, code: str, message: str, hint: str | None, *loc: str | int) -> Diagnostic:
    return Diagnostic(code, message, outline.reading.document.at("filters", *loc), hint, "warning")


def _either(roles: tuple[str, ...]) -> str:
    return " or ".join(f"the {role}" for role in roles)
