"""Growing the tree: requests out, nodes in; a parent's children start as soon as it is kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from tgc import gates, ir, mmr, prompts, schema
from tgc.backends.base import Completion, Failure, Request
from tgc.catalog import Catalog
from tgc.errors import RecipeError
from tgc.executor import frontier
from tgc.executor.allowance import Allowance
from tgc.executor.frontier import Group
from tgc.executor.ledger import Ledger
from tgc.executor.sessions import Sessions
from tgc.executor.watch import Watch
from tgc.node import Node, Path
from tgc.planner.steps import Plan
from tgc.warehouse import Warehouse

WAVE = 1024
"""Slots to start together at most: held requests are looked up once for all of them."""


def grow(
    plan: Plan, catalog: Catalog, ledger: Ledger, warehouse: Warehouse, sessions: Sessions, watch: Watch
) -> None:
    """Make every node that the plan finds missing and all that hang below them.

    What is made goes into the ledger, which commits it in batches, each in one transaction.

    Raises:
        BackendError: a model cannot be loaded.
    """
    _Growth(plan, ledger, sessions, watch, frontier.planned(plan, catalog, warehouse)).run()


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    """A slot whose request is under way; `share` of the allowance is set aside for it and those below."""

    group: Group
    ordinal: int
    request: Request
    model: ir.Model
    share: int = 0


class _Growth:
    def __init__(
        self, plan: Plan, ledger: Ledger, sessions: Sessions, watch: Watch, planned: Iterator[Group]
    ) -> None:
        self._plan = plan
        self._program = plan.program
        self._asker = prompts.Asker(plan.program)
        self._allowance = Allowance(plan)
        self._ledger = ledger
        self._sessions = sessions
        self._watch = watch
        self._planned = planned
        self._stack: list[Group] = []
        self._open: dict[str, list[_Open]] = {}

    def run(self) -> None:
        """Fill, step and settle until nothing is left, or only what is under way when told to stop."""
        while self._fill() or self._open:
            for result in self._sessions.step():
                self._settle(result)
            self._ledger.commit_if_due()

    def _fill(self) -> bool:
        """Start groups while there is room; whether any was started. When told to stop, let go of what waits."""
        if self._watch.stopping:
            self._cancel()
            return False
        started = False
        while (room := self._room()) > 0 and (wave := list(self._wave(room))):
            below = len(self._stack)
            put_off = self._ask([slot for group in self._growing(wave) for slot in self._start(group)])
            self._stack[below:below] = self._later(put_off)
            self._ledger.commit_if_due()
            started = True
        return started

    def _cancel(self) -> None:
        for session in self._sessions:
            for key in session.cancel():
                self._open.pop(key)

    def _room(self) -> int:
        room = min((WAVE, *(session.room for session in self._sessions)))
        return self._allowance.room(room, waiting=bool(self._open))

    def _later(self, put_off: list[_Open]) -> list[Group]:
        """The groups of slots that were put off, the first last; none if there will be nothing left for them."""
        if not self._open:
            return []
        for slot in put_off:
            slot.group.waiting.append(slot.ordinal)
        return list({id(slot.group): slot.group for slot in reversed(put_off)}.values())

    def _wave(self, slots: int) -> Iterator[Group]:
        """Groups of so many slots together, or of what there is; the deepest first."""
        while slots > 0 and (group := self._stack.pop() if self._stack else next(self._planned, None)):
            slots -= len(group.waiting or group.missing)
            yield group

    def _growing(self, wave: list[Group]) -> Iterator[Group]:
        """The groups whose parent no early filter rejects; those with siblings were let through before."""
        above: dict[str, list[Path]] = {}
        for group in wave:
            if group.level.early and not group.siblings:
                above.setdefault(group.level.name, []).append(group.path)
        level = self._program.level
        shut = {name: gates.rejected(self._program, level(name), paths) for name, paths in above.items()}
        return (group for group in wave if group.parent not in shut.get(group.level.name, ()))

    def _start(self, group: Group) -> Iterator[_Open]:
        """Make what needs no model; the requests for the rest."""
        if not group.missing:
            self._finish(group)
        for ordinal in self._due(group):
            try:
                yield from self._make(group, ordinal)
            except RecipeError as error:
                self._fail(group, ordinal, None, error.message)

    def _due(self, group: Group) -> list[int]:
        """The siblings to make now: none where the level does not grow, one where each is written after the last.

        Where it cannot be told whether the level grows, all of them fail.
        """
        try:
            if not prompts.grows(self._program, group.level, group.path):
                return []
        except RecipeError as error:
            while group.missing:
                self._fail(group, min(group.missing), None, error.message)
        waiting, group.waiting = group.waiting, []
        return sorted(group.missing)[:1] if group.listed else waiting or list(group.missing)

    def _make(self, group: Group, ordinal: int) -> Iterator[_Open]:
        """One slot: a node if no model is needed, else a request.

        Raises:
            RecipeError: a template cannot be rendered from what a model wrote.
        """
        match group.level.does:
            case ir.Values(items):
                self._add(group, ordinal, schema.Answer(items[ordinal].text, items[ordinal].data))
            case ir.Map(template):
                self._add(group, ordinal, schema.Answer(prompts.mapped(self._program, template, group.path)))
            case ir.Turn(ask=ask) | ir.Prompt(ask=ask) | ir.Text(ask=ask) | ir.Score(ask=ask):
                before = [group.siblings[place] for place in range(ordinal)] if group.listed else ()
                request = self._asker.request(group.level, group.path, ordinal, before)
                yield _Open(group, ordinal, request, ask.model)
            case _:
                assert_never(group.level.does)

    def _ask(self, slots: list[_Open]) -> list[_Open]:
        """Adopt what is held, join what is under way, and submit the rest as far as allowed; what is put off."""
        held = self._ledger.held({slot.request.key for slot in slots})
        fresh: dict[ir.Model, list[Request]] = {}
        put_off: list[_Open] = []
        for slot in slots:
            key = slot.request.key
            if key in held:
                self._adopt(slot, held[key])
            elif key in self._open:
                self._open[key].append(slot)
            elif (share := self._allowance.take(slot.group.level)) is None:
                put_off.append(slot)
            else:
                self._open[key] = [replace(slot, share=share)]
                fresh.setdefault(slot.model, []).append(slot.request)
        for model, requests in fresh.items():
            self._sessions.submit(model, requests)
        return put_off

    def _adopt(self, slot: _Open, completion: Completion) -> None:
        self._ledger.tally.adopted += 1
        self._take(slot, completion)

    def _settle(self, result: Completion | Failure) -> None:
        first, *others = self._open.pop(result.key)
        self._allowance.settle(first.share)
        match result:
            case Completion():
                self._ledger.tally.count(result)
                self._watch.made(first.group.level.name, result.completion_tokens)
                self._take(first, result)
                for slot in others:
                    self._adopt(slot, result)
            case Failure(reason=reason):
                for slot in (first, *others):
                    self._fail(slot.group, slot.ordinal, result.key, reason)
            case _:
                assert_never(result)

    def _take(self, slot: _Open, completion: Completion) -> None:
        """A node, if the completion is an answer of the shape that was asked for."""
        try:
            answer = schema.read(slot.request.answers, completion.text)
        except ValueError as error:
            self._fail(slot.group, slot.ordinal, completion.key, str(error))
        else:
            self._add(slot.group, slot.ordinal, answer, (slot.request, completion))

    def _add(
        self,
        group: Group,
        ordinal: int,
        answer: schema.Answer,
        asked: tuple[Request, Completion] | None = None,
    ) -> None:
        slot = group.missing.pop(ordinal)
        node = Node(slot, group.level.name, answer.text, answer.data, *_facts(asked))
        self._ledger.add(group, node, ordinal, asked)
        if group.level.distinct or group.listed:
            group.siblings[ordinal] = node
        if not group.level.distinct:
            self._expand(group, [node])
        if not group.missing:
            self._finish(group)
        elif group.listed:
            self._stack.append(group)

    def _fail(self, group: Group, ordinal: int, key: str | None, reason: str) -> None:
        """Give a slot up, and with it the items that a list would have gone on with."""
        group.failed = True
        self._ledger.fail(group, group.missing.pop(ordinal), key, reason)
        if group.listed:
            for later in list(group.missing):
                self._ledger.fail(group, group.missing.pop(later), None, "an item before it has failed")

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
            self._stack.extend(frontier.below(self._plan, (*group.path, node)))


def _facts(asked: tuple[Request, Completion] | None) -> tuple[int, str, float | None] | tuple[()]:
    """What a filter may know of a node that a model wrote, besides its text."""
    return (asked[1].completion_tokens, asked[1].finish_reason, asked[1].mean_logprob) if asked else ()
