"""How long what a change costs takes, as earlier builds tell. Pure."""

from dataclasses import dataclass

from tgc.catalog import History
from tgc.planner.estimate import NO_GPU
from tgc.planner.steps import LevelPlan, Plan


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds, and hours times GPUs; None where nobody knows, or where there is no GPU."""

    seconds: float | None = None
    gpu_hours: float | None = None


def time(plan: Plan, history: History) -> Time:
    """How long the levels that ask a model take, given the lengths of texts and the paces of models so far."""
    known = [(level, history.paces.get(level.level.ask.model.id)) for level in plan.levels if level.level.ask]
    asking = [(level, pace) for level, pace in known if level.new]
    seconds = [_tokens(level, history) / pace.tokens for level, pace in asking if pace]
    if not asking or len(seconds) < len(asking):
        return Time()
    devices = next((pace.devices for _, pace in asking if pace), ())
    gpus = sum(device not in NO_GPU for device in devices)
    return Time(sum(seconds), sum(seconds) * gpus / 3600 if gpus else None)


def _tokens(level: LevelPlan, history: History) -> float:
    known = history.lengths.get(level.level.name)
    return level.tokens if known is None else min(level.new * known.completion, level.tokens)
