"""A plan as text: what a build would do to each level, why, and what it costs."""

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import assert_never

from tgc import ir
from tgc.counts import count
from tgc.planner.estimate import Cost, Estimate
from tgc.planner.steps import Emit, Grow, LevelPlan, Plan, Refill, Select, Sift, Step
from tgc.render.amount import at_most, lasting, tokens
from tgc.render.table import align, width

WIDTH = 80
NARROWEST = 16
"""Columns that reasons get at least, however wide the others are."""

HEADER = ("level", "action", "new", "held", "orphaned", "tokens")
"""Tokens are those of prompts and those of completions."""
ALWAYS = frozenset({"level", "action", "new", "held"})


def explain(plan: Plan, estimate: Estimate, backend: str, database: str) -> str:
    """The screen of a plan; one line when there is nothing to do.

    Args:
        plan: what to explain.
        estimate: what it costs.
        backend: what generates, such as `torch`.
        database: the warehouse, as the user knows it.
    """
    if not plan.steps:
        return waiting(plan) if plan.lacking else up_to_date(plan)
    title = f"{plan.program.name} · {_models(plan.program)} on {backend} · {database}"
    rows = [_level(level, estimate.levels.get(level.level.name)) for level in plan.levels]
    rows += [row for step in plan.steps for row in _outputs(step)]
    rows += [_removed(plan.program, name, nodes) for name, nodes in plan.removed]
    return "\n".join([title, *_table(rows), *_bounds(plan.program), *total(plan, estimate)])


def total(plan: Plan, estimate: Estimate) -> list[str]:
    """What it comes to: nodes in one line, and in another what they cost."""
    forgotten = f", {len(plan.forgotten):,} forgotten first" if len(plan.forgotten) else ""
    more = f", up to {plan.refill:,} more to refill the mix" if plan.refill else ""
    if not plan.asks:
        return [f"Plan: nothing to generate{forgotten}, {plan.held:,} held{more}."]
    some = f"{plan.asks:,} of {plan.new:,}" if plan.asks < plan.new else f"{plan.new:,}"
    said = f"Plan: up to {some} to generate{forgotten}, {plan.held:,} held{more}."
    return [said, f"Cost: {cost(estimate)}{', refill left out' if plan.refill else ''}."]


def cost(estimate: Estimate) -> str:
    """Tokens and time in a few words."""
    said = f"{tokens(estimate.prompt)} prompt + {tokens(estimate.completion)} completion tokens"
    return f"{said}, {lasting(estimate.seconds, estimate.gpu_hours)}"


def up_to_date(plan: Plan) -> str:
    """The one line for nothing to do."""
    held = count(plan.held, "node")
    return f"{plan.program.name} is up to date: {held} held, nothing to generate, mix unchanged."


def waiting(plan: Plan) -> str:
    """The one line for nothing to do in what is selected of a tree that is not whole."""
    lacks = f"{plan.program.name} lacks {count(plan.lacking, 'node')} elsewhere"
    return f"nothing to do for the levels selected; {lacks}."


def as_json(plan: Plan, estimate: Estimate, backend: str) -> str:
    """The same for scripts: `levels`, `outputs` and totals."""
    outputs = [
        {"name": row[0], "action": row[1], "why": row[-1]} for step in plan.steps for row in _outputs(step)
    ]
    said = {
        "recipe": plan.program.name,
        "backend": backend,
        "levels": [_facts(level, estimate.levels.get(level.level.name)) for level in plan.levels],
        "removed": [{"level": name, "orphaned": nodes} for name, nodes in plan.removed],
        "outputs": outputs,
        "new": plan.new,
        "held": plan.held,
        "lacking": plan.lacking,
        "refill": plan.refill,
        "forgotten": len(plan.forgotten),
        "limit": plan.limit,
        "max_tokens": plan.tokens,
        "prompt_tokens": asdict(estimate.prompt),
        "completion_tokens": asdict(estimate.completion),
        "seconds": estimate.seconds,
        "gpu_hours": estimate.gpu_hours,
        "devices": estimate.devices,
        "notes": estimate.notes,
    }
    return json.dumps(said, ensure_ascii=False, indent=2)


def _facts(level: LevelPlan, cost: Cost | None) -> dict[str, object]:
    return {
        "level": level.level.name,
        "action": _action(level),
        "selected": level.chosen,
        "new": level.new,
        "held": level.held,
        "orphaned": level.orphaned,
        "max_tokens": level.tokens,
        "prompt_tokens": asdict(cost.prompt) if cost else None,
        "completion_tokens": asdict(cost.completion) if cost else None,
        "seconds": cost.seconds if cost else None,
        "why": level.why,
    }


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Lines with columns aligned, less those without any entry; reasons are wrapped to the width of a screen."""
    used = [
        place for place, name in enumerate(HEADER) if name in ALWAYS or any(row[place] != "-" for row in rows)
    ]
    right = {column for column, place in enumerate(used) if place > 1}
    cells = [[row[place] for place in used] for row in (HEADER, *rows)]
    lines = align(cells, right=right, indent="  ")
    left = max(map(width, lines)) + 2
    reasons = [
        textwrap.wrap(why, max(WIDTH - left, NARROWEST)) for why in ("why", *(row[-1] for row in rows))
    ]
    return [shown for line, why in zip(lines, reasons, strict=True) for shown in _beside(line, why, left)]


def _beside(line: str, why: list[str], left: int) -> list[str]:
    first, *others = why or [""]
    return [
        f"{line}{' ' * (left - width(line))}{first}".rstrip(),
        *(" " * left + other for other in others),
    ]


def _level(level: LevelPlan, cost: Cost | None) -> tuple[str, ...]:
    counts = (level.new if level.chosen else 0, level.held, level.orphaned)
    return (
        level.level.name,
        _action(level),
        *(f"{count:,}" if count else "-" for count in counts),
        f"{tokens(cost.prompt)} + {tokens(cost.completion)}" if cost else "-",
        level.why if level.chosen else _skipped(level),
    )


def _skipped(level: LevelPlan) -> str:
    lacks = f", lacks {level.new:,}" if level.new else ""
    return f"not selected{lacks}{f': {level.why}' if level.why else ''}"


def _removed(program: ir.Program, name: str, nodes: int) -> tuple[str, ...]:
    applied = any(level.written == name.partition(".")[0] for level in program.levels)
    why = "depth lowered" if applied else "level removed"
    return (name, "hide", "-", "-", f"{nodes:,}", "-", why)


def _bounds(program: ir.Program) -> list[str]:
    """What DP-decoding bounds, of each level that asks for it."""
    return [
        f"ε of {level.name}: {_epsilon(level.ask)}."
        for level in program.levels
        if level.ask and level.ask.sampling.dp_lambda < 1
    ]


def _epsilon(ask: ir.Ask) -> str:
    if ask.model.vocabulary is None:
        return f"unknown, as is the vocabulary of {ask.model.id}"
    each = ask.sampling.epsilon(ask.model.vocabulary)
    return f"{each:.1f} a token, {each * ask.max_tokens:,.0f} a text of {ask.max_tokens:,}"


def _models(program: ir.Program) -> str:
    """Every model that some level asks, in order."""
    asked = [level.ask.model.id for level in program.levels if level.ask]
    return ", ".join(dict.fromkeys(asked)) or "no model"


def _action(level: LevelPlan) -> str:
    if not level.chosen:
        return "skip"
    if level.done:
        return "hide" if level.orphaned else "keep"
    match level.level.does:
        case ir.Values():
            return "enumerate"
        case ir.Map():
            return "render"
        case ir.Score(measure=str()):
            return "measure"
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
            return [_output("filters", "judge", "-", why)] if checks else []
        case Select(mix, why):
            return [_output("mix", "select", _rows(mix), why)]
        case Refill(bounds, _, why):
            return [_output(level, "refill", f"branch ≤{most:,}", why) for level, most in bounds]
        case Emit(paths, why):
            return [_output(path, "emit", "-", why) for path in paths]
        case _:
            assert_never(step)


def _rows(mix: ir.Mix) -> str:
    if mix.tokens is not None:
        return f"{at_most(mix.tokens)} tokens"
    return "all" if mix.size is None else f"{mix.size:,}"


def _output(name: str, action: str, new: str, why: str) -> tuple[str, ...]:
    return (name, action, new, "-", "-", "-", why)
