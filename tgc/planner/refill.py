"""How far branches were raised for a mix that lacked rows, and whether that still holds. Pure."""

import json
from collections.abc import Mapping
from dataclasses import replace

from tgc import ir
from tgc.catalog import Catalog
from tgc.planner import planner
from tgc.planner.changes import REFILLED
from tgc.planner.steps import Grow, Plan


def plan(program: ir.Program, catalog: Catalog) -> Plan:
    """What a build would do: nothing where the last mix was refilled from this recipe and all is there.

    Otherwise the tree is planned as the recipe has it, and what it takes beyond is found out anew, step by step:
    it never depends on what was built before; and nodes that are held are not made again.
    """
    if not program.mix.refill:
        return planner.plan(program, catalog)
    made = json.loads(catalog.emitted or "{}")
    raised = _raised(program, made.pop(REFILLED, {}))
    if raised is None:
        return planner.plan(program, catalog)
    settled = planner.plan(raised, replace(catalog, emitted=json.dumps(made, sort_keys=True)))
    return _because(planner.plan(program, catalog), settled) if settled.steps else settled


def identity(made_of: str, program: ir.Program, raised: ir.Program, *, settled: bool) -> str:
    """What a mix is made of, with how far branches were raised from those of `program`.

    As long as that is not settled, no plan will find the mix up to date.
    """
    if not program.mix.refill:
        return made_of
    bounds = program.mix.refill if settled else ()
    branches = {name: (program.level(name).branch, raised.level(name).branch) for name, _ in bounds}
    return json.dumps({**json.loads(made_of), REFILLED: branches}, sort_keys=True)


def _because(begun: Plan, settled: Plan) -> Plan:
    """A plan from the recipe's own branches, for the reasons why what was refilled is not up to date."""
    why = {type(step): step.why for step in settled.steps if not isinstance(step, Grow)}
    steps = (
        step if isinstance(step, Grow) else replace(step, why=why.get(type(step), step.why))
        for step in begun.steps
    )
    return replace(begun, steps=tuple(steps))


def _raised(program: ir.Program, branches: Mapping[str, tuple[int, int]]) -> ir.Program | None:
    """The program as it was refilled; None if it was not, or from other branches."""
    if {name: before for name, (before, _) in branches.items()} != {
        name: program.level(name).branch for name, _ in program.mix.refill
    }:
        return None
    return program.widened({name: after for name, (_, after) in branches.items()})
