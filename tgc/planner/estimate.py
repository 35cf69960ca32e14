"""What carrying out a plan will cost: tokens by level, and time from how fast models were before. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tgc import ir
from tgc.backends.base import Request
from tgc.catalog import History, Pace
from tgc.planner.prospects import Inquiry, Prospect
from tgc.planner.steps import LevelPlan, Plan

Count = Callable[[ir.Model, Sequence[Request]], Sequence[int] | None]
"""The prompt tokens of requests to a model, or None where nobody knows."""

How = Literal["exact", "bound", "estimate"]

MARKS = 16
"""Tokens that a chat template may put around a message, where they cannot be counted."""

NO_GPU = ("cpu", "mps")


@dataclass(frozen=True, slots=True)
class Tokens:
    """How many tokens.

    Attributes:
        likely: the best guess.
        most: never more than that; None where that cannot be said.
        how: whether `likely` was counted, is a bound itself, or was made out from some or from earlier builds.
    """

    likely: int
    most: int | None
    how: How

    def __add__(self, other: "Tokens") -> "Tokens":
        most = None if self.most is None or other.most is None else self.most + other.most
        hows = {self.how, other.how}
        how: How = "estimate" if "estimate" in hows else "bound" if "bound" in hows else "exact"
        return Tokens(self.likely + other.likely, most, how)


NOTHING = Tokens(0, 0, "exact")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one level will cost; `seconds` is None where nobody knows how fast its model is."""

    prompt: Tokens
    completion: Tokens
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a plan will cost.

    Attributes:
        levels: by name, those for which a model is asked.
        share: how much of that a limit lets happen, about; 1 without one.
        devices: names of the devices on which earlier builds ran, each as often as there are.
        notes: what could not be counted, and what was counted in part.
    """

    levels: Mapping[str, Cost] = field(default_factory=dict)
    share: float = 1.0
    devices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def prompt(self) -> Tokens:
        """Of all levels together."""
        return self._total(cost.prompt for cost in self.levels.values())

    @property
    def completion(self) -> Tokens:
        """Of all levels together."""
        return self._total(cost.completion for cost in self.levels.values())

    @property
    def seconds(self) -> float | None:
        """Of all levels together; None where one is unknown."""
        known = [cost.seconds for cost in self.levels.values() if cost.seconds is not None]
        return sum(known) * self.share if len(known) == len(self.levels) else None

    @property
    def gpu_hours(self) -> float | None:
        """Hours times GPUs; None without a GPU, or where the time is unknown."""
        gpus = sum(device not in NO_GPU for device in self.devices)
        return None if self.seconds is None or not gpus else self.seconds * gpus / 3600

    def _total(self, each: Iterable[Tokens]) -> Tokens:
        whole = sum(each, NOTHING)
        if self.share == 1:
            return whole
        return Tokens(round(whole.likely * self.share), whole.most, "estimate")


def estimate(plan: Plan, prospects: Iterable[Prospect], count: Count, history: History) -> Estimate:
    """The cost of a plan.

    Args:
        plan: what is to be done.
        prospects: what its levels would ask.
        count: counts their prompt tokens.
        history: what earlier builds took.
    """
    asking = {prospect.step.level.name: prospect for prospect in prospects}
    counted = _counted(asking.values(), count)
    costs = {name: _cost(prospect, counted.get(name), history) for name, prospect in asking.items()}
    paces = [history.paces.get(prospect.model.id) for prospect in asking.values()]
    return Estimate(
        costs,
        share=plan.asks / plan.new if plan.new else 1.0,
        devices=next((pace.devices for pace in paces if pace), ()),
        notes=tuple(_notes(asking.values(), counted)),
    )


def _counted(prospects: Iterable[Prospect], count: Count) -> dict[str, list[int]]:
    """For each level whose tokens can be counted, those of its inquiries; one call for all levels of a model."""
    models: dict[ir.Model, list[Prospect]] = {}
    for prospect in prospects:
        models.setdefault(prospect.model, []).append(prospect)
    found: dict[str, list[int]] = {}
    for model, some in models.items():
        counts = count(model, [inquiry.request for prospect in some for inquiry in prospect.inquiries])
        each = iter(counts or ())
        found |= {
            prospect.step.level.name: [next(each) for _ in prospect.inquiries]
            for prospect in some
            if counts is not None
        }
    return found


def _cost(prospect: Prospect, counts: list[int] | None, history: History) -> Cost:
    completion = _completion(prospect.step, history)
    return Cost(
        _prompt(prospect, counts, history),
        completion,
        _seconds(completion, history.paces.get(prospect.model.id)),
    )


def _seconds(completion: Tokens, pace: Pace | None) -> float | None:
    return completion.likely / pace.tokens if pace else None


def _completion(step: LevelPlan, history: History) -> Tokens:
    known = history.lengths.get(step.level.name)
    if known is None:
        return Tokens(step.tokens, step.tokens, "bound")
    return Tokens(min(round(step.new * known.completion), step.tokens), step.tokens, "estimate")


def _prompt(prospect: Prospect, counts: list[int] | None, history: History) -> Tokens:
    sizes = counts or [_bytes(inquiry.request) for inquiry in prospect.inquiries]
    pairs = list(zip(prospect.inquiries, sizes, strict=True))
    there = [pair for pair in pairs if pair[0].there]
    rest = [pair for pair in pairs if not pair[0].there]
    how: How = "bound" if counts is None else "exact"
    return _there(there, prospect, how) + _rest(rest, prospect, how, history)


def _there(pairs: list[tuple[Inquiry, int]], prospect: Prospect, how: How) -> Tokens:
    """Of the slots whose parents there are."""
    tokens = round(sum(inquiry.weight * (size + inquiry.unwritten) for inquiry, size in pairs))
    if prospect.sampled:
        return Tokens(tokens, None, "estimate")
    return Tokens(tokens, tokens, "bound" if any(inquiry.unwritten for inquiry, _ in pairs) else how)


def _rest(pairs: list[tuple[Inquiry, int]], prospect: Prospect, how: How, history: History) -> Tokens:
    """Of the other slots: the words around what is not written yet, and the most that may come to."""
    if not prospect.rest:
        return NOTHING
    sizes = [size + inquiry.unwritten for inquiry, size in pairs]
    total = round(sum(inquiry.weight * size for (inquiry, _), size in zip(pairs, sizes, strict=True)))
    most = None if prospect.glimpsed else total if prospect.even else prospect.rest * max(sizes, default=0)
    if prospect.foreseen and most is not None:
        return Tokens(most, most, how if prospect.even else "bound")
    if known := history.lengths.get(prospect.step.level.name):
        return Tokens(round(prospect.rest * known.prompt), most, "estimate")
    return Tokens(total, None, "estimate") if most is None else Tokens(most, most, "bound")


def _bytes(request: Request) -> int:
    """The most tokens of a prompt where they cannot be counted: a token is a byte at least."""
    texts = (request.prefix, *(message.content for message in request.messages))
    return sum(len(text.encode()) + MARKS for text in texts)


def _notes(prospects: Iterable[Prospect], counted: Mapping[str, list[int]]) -> Iterator[str]:
    named = [(prospect.step.level.name, prospect) for prospect in prospects]
    if uncounted := ", ".join(f"`{name}`" for name, _ in named if name not in counted):
        yield f"prompt tokens are bounds, for nobody could count them: {uncounted}"
    for name, prospect in named:
        if name in counted and (prospect.sampled or prospect.glimpsed):
            looked = len(prospect.inquiries)
            yield f"prompt tokens of `{name}` are made out from {looked:,} of its prompts"
        if passed := prospect.step.passed:
            unseen = f"{passed:,} nodes of `{name}` count as new unseen"
            yield f"{unseen}, for a sample showed none that was asked for before; a build looks at each"
