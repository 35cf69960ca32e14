"""How many more nodes may be asked of models: exactly so many, and spent on whole conversations."""

from math import ceil

from tgc import ir, planner
from tgc.planner.steps import Plan


class Allowance:
    """What a build may still ask.

    A node that is asked for sets aside what those below it may come to. So none is asked for too many, siblings
    wait until it is clear what the first of them need, and what they do not need goes to the next.
    """

    def __init__(self, plan: Plan) -> None:
        self._free = plan.limit
        self._costs = {level.name: _cost(plan, level) for level in plan.program.levels}

    def room(self, most: int, *, waiting: bool) -> int:
        """How many slots are worth a look now: none while all is set aside for what is under way.

        Once all is spent there is room for any number, for slots that need no asking are free.
        """
        if self._free is None:
            return most
        return min(most, self._free) if self._free or waiting else most

    def take(self, level: ir.Level) -> int | None:
        """Set aside what such a node and those below it may come to, or what is left; None for nothing."""
        if self._free is None:
            return 0
        share = min(self._costs[level.name], self._free)
        self._free -= share
        return share or None

    def settle(self, share: int) -> None:
        """The node is there, or failed: what it had set aside for others is free."""
        if self._free is not None:
            self._free += share - 1


def _cost(plan: Plan, level: ir.Level) -> int:
    """What one node may come to; of siblings that are picked, each bears its part of what the picked ones do."""
    return 1 + ceil(_below(plan, level) * level.branch / planner.draws(level))


def _below(plan: Plan, level: ir.Level) -> int:
    children = [child for child in plan.program.below(level.name) if child.name in plan.chosen]
    asked = sum(planner.draws(child) for child in children if child.ask)
    return asked + sum(child.branch * _below(plan, child) for child in children)
