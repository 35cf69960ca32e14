"""All that can be known to be wrong with a recipe before anything runs: one idea per module."""

from collections.abc import Callable, Iterator

from tgc.errors import Diagnostic
from tgc.lower.checks import budgets, dialogues, names, outputs, pins, scopes, selections
from tgc.lower.outline import Outline

CHECKS: tuple[Callable[[Outline], Iterator[Diagnostic]], ...] = (
    names.check,
    scopes.check,
    dialogues.check,
    budgets.check,
    selections.check,
    outputs.check,
    pins.check,
)


def run(outline: Outline) -> Iterator[Diagnostic]:
    """Every finding of every check; none of them needs another one's to have passed."""
    for check in CHECKS:
        yield from check(outline)
