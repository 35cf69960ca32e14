"""Rewrites of the Program that leave its corpus as it is, in the order in which they run."""

from collections.abc import Callable
from functools import reduce

from tgc.ir import Program
from tgc.passes import early, fold, hoist, prune

PASSES: tuple[Callable[[Program], Program], ...] = (prune.prune, fold.fold, early.early, hoist.hoist)


def optimize(program: Program) -> Program:
    """The program after every pass."""
    return reduce(lambda rewritten, rewrite: rewrite(rewritten), PASSES, program)
