"""All that can be known to be wrong with a recipe before anything runs: one idea per module."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from tgc.errors import Diagnostic
from tgc.lower.checks import (
    amounts,
    benchmarks,
    bins,
    blends,
    budgets,
    dialogues,
    draws,
    embedders,
    judges,
    mixtures,
    names,
    outputs,
    pairs,
    pins,
    preferences,
    refills,
    scopes,
    searches,
    selections,
    shares,
    showing,
    thresholds,
    unused,
)
from tgc.lower.outline import Draft, Outline

CHECKS: tuple[Callable[[Outline], Iterator[Diagnostic]], ...] = (
    names.check,
    dialogues.check,
    budgets.check,
    selections.check,
    shares.check,
    bins.check,
    refills.check,
    preferences.check,
    thresholds.check,
    benchmarks.check,
    embedders.check,
    searches.check,
    blends.check,
    outputs.check,
    pairs.check,
    pins.check,
)
LEVEL_CHECKS: tuple[Callable[[Outline, Draft], Iterator[Diagnostic]], ...] = (
    scopes.check_level,
    showing.check_level,
    dialogues.check_level,
    judges.check_level,
    budgets.check_level,
    draws.check_level,
    mixtures.check_level,
)
LAST_CHECKS: tuple[Callable[[Outline], Iterator[Diagnostic]], ...] = (amounts.check, unused.check)


def run(outline: Outline) -> Iterator[Diagnostic]:
    """Every finding of every check; none of them needs another one's to have passed."""
    for check in CHECKS:
        yield from check(outline)
    for _, drafts in groupby(outline.drafts.values(), lambda draft: draft.written):
        yield from _once(
            problem for draft in drafts for check in LEVEL_CHECKS for problem in check(outline, draft)
        )


def run_last(outline: Outline) -> Iterator[Diagnostic]:
    """What is hardly meant in a recipe without errors; beside an error it may be that which is wrong.

    What an included file says need not suit every recipe.
    """
    own = outline.reading.document.path
    for check in LAST_CHECKS:
        yield from (problem for problem in check(outline) if problem.span and problem.span.path == own)


def _once(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """What is found of a level, once, however often the level is applied to its own output."""
    first: dict[tuple[str, object], Diagnostic] = {}
    for problem in found:
        first.setdefault((problem.code, problem.span), problem)
    return iter(first.values())
