"""What carrying out a plan will cost: what is written already is read, prompts are counted, nothing is run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tgc import ir
from tgc.backends.base import Backend, Request
from tgc.catalog import History
from tgc.errors import BackendError
from tgc.executor import frontier, packages
from tgc.fingerprint import Ids
from tgc.node import Node, Path
from tgc.planner.estimate import Estimate, estimate
from tgc.planner.prospects import prospects
from tgc.planner.steps import Plan
from tgc.warehouse import Reader

SAMPLE = 4096
"""Of how many nodes of a level, about, the mean length is taken."""


def forecast(plan: Plan, reader: Reader | None, backend: Backend) -> Estimate:
    """The cost of a plan with that backend; where prompts cannot be counted, bounds, and a note that says why.

    Packages that are missing are noted too.

    Args:
        plan: what is to be done.
        reader: what is written already; None where nothing is.
        backend: counts, and says under which name its speed is remembered; loads no weights.
    """
    lacking = tuple(f"{problem.message}; {problem.hint}" for problem in packages.missing(plan.steps))
    if not plan.asks:
        return Estimate(notes=lacking)
    counter = _Counter(backend)
    some = {step.level.name: _some(step.wanted) for step in plan.levels if step.asks}
    history = reader.history(plan.program.name, some, backend.spelled) if reader else History()
    found = estimate(plan, prospects(plan, _Texts(plan.program, reader)), counter, history)
    return replace(found, notes=(*lacking, *counter.problems, *found.notes))


def _some(ids: Ids) -> Ids:
    """All ids, or some, evenly spaced."""
    return ids[:: max(1, len(ids) // SAMPLE)]


@dataclass(frozen=True, slots=True)
class _Texts:
    """What a warehouse holds, if there is one; without, there is nothing but the root."""

    program: ir.Program
    reader: Reader | None

    def paths(self, level: ir.Level, parents: Ids) -> Mapping[int, Path]:
        return frontier.paths(self.program, level, parents, self.reader) if self.reader else {0: ()}

    def siblings(self, level: ir.Level, parents: Ids) -> Mapping[int, Mapping[int, Node]]:
        return frontier.siblings(level, parents, self.reader) if self.reader else {}


@dataclass(frozen=True, slots=True)
class _Counter:
    """Counts with a backend, and keeps what went wrong."""

    backend: Backend
    problems: list[str] = field(default_factory=list)

    def __call__(self, model: ir.Model, requests: Sequence[Request]) -> Sequence[int] | None:
        try:
            return self.backend.count(model.origin, requests)
        except BackendError as error:
            self.problems.append(error.message)
            return None
