"""From what the warehouse answers to what a report shows. Pure."""

import polars as pl

from tgc.planner.steps import Grow, Plan
from tgc.reporting import corpus, mixed, samples
from tgc.reporting.answers import Answers
from tgc.reporting.corpus import LEVELS
from tgc.reporting.values import Build, Failure, Loss, Reason, Report, Stage, Standing

CONVERSATIONS = "conversations"
LETTERS = 300
"""Of what a backend said of a failure."""


def told(plan: Plan, answers: Answers) -> Report:
    """What there is to say of a recipe.

    Args:
        plan: what its tree has and lacks.
        answers: what the warehouse says of it.
    """
    frames = answers.frames
    stages = _stages(frames["funnel"], frames["reasons"])
    ends = frames["funnel"].filter(pl.col("step") == CONVERSATIONS)["nodes"]
    kept, rejected = samples.samples(frames["samples"])
    return Report(
        recipe=plan.program.name,
        build=_build(answers),
        live=answers.live,
        models=tuple(frames["texts"]["models"].explode().drop_nulls().unique().sort()),
        standings=_standings(plan, frames["cost"]),
        removed=plan.removed[:LEVELS],
        failures=_failures(frames["failures"]),
        due=tuple(dict.fromkeys(step.why for step in plan.steps if not isinstance(step, Grow))),
        more=max(0, len(plan.levels) - LEVELS),
        stages=stages,
        conversations=int(ends.sum()),
        mix=mixed.mix(answers.manifest, frames["composition"]) if answers.manifest else None,
        lengths=corpus.lengths(frames["lengths"], frames["histogram"]),
        varieties=corpus.varieties(frames["texts"], frames["siblings"], frames["novelty"], stages),
        map=corpus.patches(frames["map"]),
        kept=kept,
        rejected=rejected,
    )


def _build(answers: Answers) -> Build:
    run = answers.run.row(0, named=True)
    killed = run["status"] == "running" and not answers.live
    return Build(
        run_id=run["run_id"],
        status="interrupted" if killed else run["status"],
        commit=run["git_commit"],
        dirty=bool(run["git_dirty"]),
        started=run["started_at"],
        seconds=run["seconds"],
        version=run["tgc_version"],
    )


def _standings(plan: Plan, cost: pl.DataFrame) -> tuple[Standing, ...]:
    spent = {row["level"]: row for row in cost.iter_rows(named=True)}
    nothing = dict.fromkeys(("prompt", "tokens", "seconds"))
    return tuple(
        Standing(
            level=level.level.name,
            held=level.held,
            missing=level.new,
            hidden=level.orphaned,
            why=level.why,
            **{name: spent.get(level.level.name, nothing)[name] for name in nothing},
        )
        for level in plan.levels[:LEVELS]
    )


def _failures(failures: pl.DataFrame) -> tuple[Failure, ...]:
    last = failures.select("level", "run_id", pl.col("reason").str.slice(0, LETTERS), "requests")[:LEVELS]
    return tuple(Failure(*row) for row in last.iter_rows())


def _stages(funnel: pl.DataFrame, reasons: pl.DataFrame) -> tuple[Stage, ...]:
    levels = funnel.drop_nulls("level").partition_by("level", as_dict=True, maintain_order=True)
    return tuple(_stage(str(level), steps, reasons) for (level,), steps in [*levels.items()][:LEVELS])


def _stage(level: str, steps: pl.DataFrame, reasons: pl.DataFrame) -> Stage:
    counts = dict(steps.filter(pl.col("which").is_null()).select("step", "nodes").iter_rows())
    said = reasons.filter(pl.col("level") == level).partition_by("filter", as_dict=True)
    lost = steps.filter(pl.col("step") == "rejected").sort("nodes", "which", descending=[True, False])
    losses = (
        _loss(name, nodes, said.get((name,))) for name, nodes in lost.select("which", "nodes").iter_rows()
    )
    return Stage(level, counts["held"], counts.get("kept", 0), counts.get("below rejected", 0), tuple(losses))


def _loss(name: str, nodes: int, said: pl.DataFrame | None) -> Loss:
    if said is None:
        return Loss(name, nodes)
    first = said.row(0, named=True)
    reasons = tuple(Reason(*row) for row in said.drop_nulls("reason").select("reason", "nodes").iter_rows())
    return Loss(name, nodes, first["duplicates"], reasons, first["reasons"] - said.height)
