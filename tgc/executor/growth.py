"""Growing the tree: requests out, nodes in; a parent's children start as soon as it is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import assert_never

from tgc import ir, mmr, prompts
from tgc.backends.base import Completion, Failure, Request
from tgc.catalog import Catalog
from tgc.executor import frontier
from tgc.executor.frontier import Group
from tgc.executor.ledger import Ledger, Tally
from tgc.executor.sessions import Sessions
from tgc.executor.watch import Watch
from tgc.node import Node
from tgc.planner.steps import Plan
from tgc.warehouse import Warehouse


def grow(
    plan: Plan, catalog: Catalog, warehouse: Warehouse, run_id: int, sessions: Sessions, watch: Watch
) -> Tally:
    """Make every node that the plan finds missing and all that hang below them.

    What is made is committed in batches, each in one transaction, whatever ends the growth.

    Raises:
        BackendError: a model cannot be loaded.
    """
    with Ledger(plan.program.name, run_id, warehouse, strangers=plan.strangers) as ledger:
        growth = _Growth(plan, ledger, sessions, watch, frontier.planned(plan, catalog, warehouse))
        growth.run()
    return ledger.tally


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    """A slot whose request is under way."""

    group: Group
    ordinal: int
    request: Request


class _Growth:
    def __init__(
        self, plan: Plan, ledger: Ledger, sessions: Sessions, watch: Watch, planned: Iterator[Group]
    ) -> None:
        self._program = plan.program
        self._ledger = ledger
        self._sessions = sessions
        self._watch = watch
        self._planned = planned
        self._stack: list[Group] = []
        self._open: dict[str, list[_Open]] = {}

    def run(self) -> None:
        """Fill, step and settle until nothing is left, or only what is in flight when told to stop."""
        while self._fill() or self._open:
            for session in self._sessions:
                for result in session.step():
                    self._settle(result)
            self._ledger.commit_if_due()

    def _fill(self) -> bool:
        """Start groups while there is room; whether any was started."""
        started = False
        while not self._watch.stopping and self._room() and (group := self._next()):
            self._start(group)
            started = True
        return started

    def _room(self) -> bool:
        return all(session.room > 0 for session in self._sessions)

    def _next(self) -> Group | None:
        return self._stack.pop() if self._stack else next(self._planned, None)

    def _start(self, group: Group) -> None:
        if not group.missing:
            self._finish(group)
            return
        match group.level.does:
            case ir.Values(items):
                for ordinal in list(group.missing):
                    self._add(group, ordinal, items[ordinal].text, items[ordinal].data)
            case ir.Map(template):
                for ordinal in list(group.missing):
                    self._add(
                        group, ordinal, prompts.render(self._program, template, group.path, ordinal), None
                    )
            case ir.Turn(ask=ask) | ir.Prompt(ask=ask):
                self._ask(group, ask)
            case _:
                assert_never(group.level.does)

    def _ask(self, group: Group, ask: ir.Ask) -> None:
        slots = [
            _Open(group, ordinal, prompts.request(self._program, group.level, group.path, ordinal))
            for ordinal in group.missing
        ]
        adopted = self._ledger.held(
            [slot.request.key for slot in slots if slot.request.key not in self._open]
        )
        fresh = []
        for slot in slots:
            key = slot.request.key
            if key in adopted:
                self._adopt(slot, adopted[key])
            elif key in self._open:
                self._open[key].append(slot)
            else:
                self._open[key] = [slot]
                fresh.append(slot.request)
        if fresh:
            self._sessions.of(ask.model).submit(fresh)

    def _adopt(self, slot: _Open, completion: Completion) -> None:
        self._ledger.tally.adopted += 1
        self._add(slot.group, slot.ordinal, completion.text, None, (slot.request, completion))

    def _settle(self, result: Completion | Failure) -> None:
        first, *others = self._open.pop(result.key)
        match result:
            case Completion():
                self._ledger.tally.count(result)
                self._watch.made(first.group.level.name, result.completion_tokens)
                self._add(first.group, first.ordinal, result.text, None, (first.request, result))
                for slot in others:
                    self._adopt(slot, result)
            case Failure(reason=reason):
                for slot in (first, *others):
                    self._fail(slot, reason)
            case _:
                assert_never(result)

    def _add(
        self,
        group: Group,
        ordinal: int,
        text: str,
        data: str | None,
        asked: tuple[Request, Completion] | None = None,
    ) -> None:
        node = Node(group.missing.pop(ordinal), group.level.name, text, data)
        self._ledger.add(group, node, ordinal, asked)
        if group.level.distinct:
            group.siblings[ordinal] = node
        else:
            self._expand(group, [node])
        if not group.missing:
            self._finish(group)

    def _fail(self, slot: _Open, reason: str) -> None:
        group = slot.group
        group.failed = True
        self._ledger.fail(group, group.missing.pop(slot.ordinal), slot.request.key, reason)

    def _finish(self, group: Group) -> None:
        """All siblings are there: pick the most distinct, and let those have children."""
        if group.level.distinct is None or group.failed:
            return
        order = self._pick(group, group.level.distinct)
        picked = [group.siblings[ordinal] for ordinal in order]
        self._ledger.pick(group.level, group.level.distinct, picked)
        self._expand(group, picked[len(group.chosen) :])

    def _pick(self, group: Group, how: ir.Distinct) -> list[int]:
        assert group.level.ask is not None
        texts = [group.siblings[ordinal].text for ordinal in sorted(group.siblings)]
        vectors = self._sessions.vectors(how.embedder, group.level.ask.model, texts)
        return mmr.pick(vectors, group.level.branch, how.oversample, how.diversity, group.chosen)

    def _expand(self, group: Group, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self._stack.extend(frontier.below(self._program, (*group.path, node)))
