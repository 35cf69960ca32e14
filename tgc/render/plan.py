"""A plan as text: what a build would do to each level, and why."""

import json
from typing import assert_never

from tgc import ir
from tgc.planner.steps import Emit, Grow, LevelPlan, Plan, Select, Sift, Step
from tgc.render.amount import at_most
from tgc.render.table import align

KEYS = ("level", "action", "new", "held", "orphaned", "max_tokens", "why")
HEADER = ("level", "action", "new", "held", "orphaned", "tokens", "why")


def explain(plan: Plan, backend: str, database: str) -> str:
    """The screen of a plan; one line when there is nothing to do.

    Args:
        plan: what to explain.
        backend: what generates, such as `torch`.
        database: the warehouse, as the user knows it.
    """
    if not plan.steps:
        return up_to_date(plan)
    title = f"{plan.program.name} · {_models(plan.program)} on {backend} · {database}"
    rows = [HEADER, *map(_level, plan.levels), *(row for step in plan.steps for row in _outputs(step))]
    rows += [(name, "hide", "-", "-", f"{nodes:,}", "-", "level removed") for name, nodes in plan.removed]
    return "\n".join([title, *align(rows, right={2, 3, 4, 5}, indent="  "), total(plan)])


def total(plan: Plan) -> str:
    """What it comes to."""
    if not plan.new:
        return f"Plan: nothing to generate, {plan.held:,} held."
    return f"Plan: up to {plan.new:,} to generate ({at_most(plan.tokens)} tokens), {plan.held:,} held."


def up_to_date(plan: Plan) -> str:
    """The one line for nothing to do."""
    return f"{plan.program.name} is up to date: {plan.held:,} nodes held, nothing to generate, mix unchanged."


def as_json(plan: Plan) -> str:
    """The same for scripts: `levels`, `outputs` and totals."""
    levels = [dict(zip(KEYS, _facts(level), strict=True)) for level in plan.levels]
    outputs = [
        {"name": row[0], "action": row[1], "why": row[6]} for step in plan.steps for row in _outputs(step)
    ]
    totals = {"new": plan.new, "held": plan.held, "max_tokens": plan.tokens}
    return json.dumps({"recipe": plan.program.name, "levels": levels, "outputs": outputs, **totals}, indent=2)


def _facts(level: LevelPlan) -> tuple[str | int, ...]:
    counts = (level.new, level.held, level.orphaned, level.tokens)
    return (level.level.name, _action(level), *counts, level.why)


def _level(level: LevelPlan) -> tuple[str, ...]:
    counts = (f"{count:,}" if count else "-" for count in (level.new, level.held, level.orphaned))
    return (
        level.level.name,
        _action(level),
        *counts,
        at_most(level.tokens) if level.tokens else "-",
        level.why,
    )


def _models(program: ir.Program) -> str:
    """Every model that some level asks, in order."""
    asked = [level.ask.model.id for level in program.levels if level.ask]
    return ", ".join(dict.fromkeys(asked)) or "no model"


def _action(level: LevelPlan) -> str:
    if level.done:
        return "hide" if level.orphaned else "keep"
    match level.level.does:
        case ir.Values():
            return "enumerate"
        case ir.Map():
            return "render"
        case ir.Turn() | ir.Prompt() | ir.Text() | ir.Score():
            return "generate"
        case _:
            assert_never(level.level.does)


def _outputs(step: Step) -> list[tuple[str, ...]]:
    """The rows of the steps after the tree has grown."""
    match step:
        case Grow():
            return []
        case Sift(checks, why):
            return [("filters", "judge", "-", "-", "-", "-", why)] if checks else []
        case Select(mix, why):
            return [("mix", "select", "all" if mix.size is None else f"{mix.size:,}", "-", "-", "-", why)]
        case Emit(paths, why):
            return [(path, "emit", "-", "-", "-", "-", why) for path in paths]
        case _:
            assert_never(step)
