"""What a model would be asked for the nodes that a plan lacks, where texts are not written yet too. Pure."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from math import prod
from typing import Protocol, assert_never

import numpy as np

from tgc import ir, planner, prompts, schema
from tgc.backends.base import Request
from tgc.errors import RecipeError
from tgc.fingerprint import Ids
from tgc.node import Node, Path
from tgc.planner import grid
from tgc.planner.steps import LevelPlan, Plan

MOST = 1_000
"""How many prompts of a level are looked at; where there are more, some of them stand for all."""

UNWRITTEN = 0xE000
"""The first of the characters for private use (Unicode 23.5) that stand for texts not written yet, by depth."""


class Texts(Protocol):
    """What is written already."""

    def paths(self, level: ir.Level, parents: Ids) -> Mapping[int, Path]:
        """For each of these nodes above a level, the node and its ancestors, root first."""
        ...

    def siblings(self, level: ir.Level, parents: Ids) -> Mapping[int, Mapping[int, Node]]:
        """Parent → ordinal → node, of the nodes of a level that are there under these parents."""
        ...


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A request that stands for `weight` of its level.

    Attributes:
        request: without the texts that are not written yet.
        unwritten: the most tokens of those texts.
        there: whether it is of a slot whose parent there is.
    """

    request: Request
    unwritten: int
    weight: float
    there: bool


@dataclass(frozen=True, slots=True)
class Prospect:
    """What one level would ask.

    Attributes:
        rest: how many of its slots have no parent yet.
        sampled: whether not all prompts of the others were looked at.
        glimpsed: whether not all kinds of prompts of the rest were looked at.
        even: whether the rest are all slots of the level, so that each kind occurs as often as any other.
        foreseen: whether the texts above the rest are known, for no model writes them.
    """

    step: LevelPlan
    model: ir.Model
    inquiries: tuple[Inquiry, ...]
    rest: int
    sampled: bool
    glimpsed: bool
    even: bool
    foreseen: bool


def prospects(plan: Plan, texts: Texts) -> Iterator[Prospect]:
    """What each level would ask for which a model is asked, made out from at most `MOST` prompts."""
    for step in plan.levels:
        if step.asks and step.level.ask:
            yield _prospect(plan.program, step, step.level.ask, texts)


def _prospect(program: ir.Program, step: LevelPlan, ask: ir.Ask, texts: Texts) -> Prospect:
    level = step.level
    above = program.path_to(level.parent) if level.parent else ()
    spots = _Spots(program, level, ask, above)
    rest = step.new - len(step.fresh)
    kinds = len(spots)
    there = _there(program, step, ask, texts)
    return Prospect(
        step=step,
        model=ask.model,
        inquiries=(*there, *(_imagined(spots, rest) if rest else ())),
        rest=rest,
        sampled=_places(step, ask) > MOST,
        glimpsed=rest > 0 and kinds > MOST,
        even=rest == spots.slots,
        foreseen=all(level.ask is None for level in above) and not ask.listed,
    )


def _places(step: LevelPlan, ask: ir.Ask) -> int:
    """How many different prompts the slots with parents have."""
    return len(step.fresh) if _varies(step.level, ask) else len(step.fresh.firsts)


def _varies(level: ir.Level, ask: ir.Ask) -> bool:
    """Whether siblings are asked for in different words."""
    return ask.listed or level.decided is None


def _there(program: ir.Program, step: LevelPlan, ask: ir.Ask, texts: Texts) -> Iterator[Inquiry]:
    """Requests for slots whose parents there are."""
    level, fresh = step.level, step.fresh
    if _varies(level, ask):
        places, counts = np.arange(len(fresh)), np.ones(len(fresh), dtype=np.intp)
    else:
        places = fresh.firsts
        counts = np.diff(places, append=len(fresh))
    some = grid.spread(len(places), MOST)
    slots = fresh.where(places[some])
    parents = np.unique(slots.parents)
    paths = texts.paths(level, parents) if len(parents) else {}
    siblings = texts.siblings(level, parents) if ask.listed and len(parents) else {}
    weights = counts[some] * (len(fresh) / max(1, counts[some].sum()))
    for (_, parent, ordinal), weight in zip(slots.rows(), weights.tolist(), strict=True):
        here = siblings.get(parent, {})
        before = [here.get(place) or _stand_in(level) for place in range(ordinal)] if ask.listed else []
        with suppress(RecipeError):  # it is never asked: the build records why
            request = prompts.request(program, level, paths[parent], ordinal, before)
            yield _bared(request, (level,) if ask.listed else (), weight, there=True)


def _imagined(spots: "_Spots", rest: int) -> Iterator[Inquiry]:
    """Requests for slots whose parents there are not."""
    some = grid.spread(len(spots), MOST)
    for place in some.tolist():
        with suppress(RecipeError):
            yield _bared(spots.request(place), (*spots.above, spots.level), rest / len(some), there=False)


@dataclass(frozen=True, slots=True)
class _Spots:
    """The kinds of prompts of a level, of which there is one for each path of values above it."""

    program: ir.Program
    level: ir.Level
    ask: ir.Ask
    above: tuple[ir.Level, ...]

    @property
    def widths(self) -> tuple[int, ...]:
        return tuple(
            len(level.does.items) if isinstance(level.does, ir.Values) else 1 for level in self.above
        )

    @property
    def slots(self) -> int:
        """How many slots the whole level has."""
        return prod(level.branch for level in self.above) * planner.draws(self.level)

    @property
    def ordinals(self) -> int:
        return planner.draws(self.level) if _varies(self.level, self.ask) else 1

    def __len__(self) -> int:
        return prod(self.widths) * self.ordinals

    def request(self, place: int) -> Request:
        """That of the kind at `place`.

        Raises:
            RecipeError: it takes the text that is not written yet.
        """
        place, ordinal = divmod(place, self.ordinals)
        path: Path = ()
        for level, width in zip(self.above, self.widths, strict=True):
            place, value = divmod(place, width)
            path = (*path, _known(self.program, level, path, value) or _stand_in(level))
        before = [_stand_in(self.level)] * ordinal if self.ask.listed else []
        return prompts.request(self.program, self.level, path, ordinal, before)


def _known(program: ir.Program, level: ir.Level, path: Path, value: int) -> Node | None:
    """A node that no model writes."""
    match level.does:
        case ir.Values(items):
            return Node(0, level.name, items[value].text, items[value].data)
        case ir.Map(template):
            return Node(0, level.name, prompts.mapped(program, template, path))
        case _:
            return None


def _stand_in(level: ir.Level) -> Node:
    """A node whose text is not written yet: characters that stand for it, or the longest that it may be."""
    mark = chr(UNWRITTEN + level.depth)
    shape = schema.single(level.ask.answers) if level.ask else schema.Text()
    match shape:
        case schema.Fields(fields):
            return Node(
                0, level.name, mark, json.dumps({name: mark for name, _ in fields}, ensure_ascii=False)
            )
        case schema.Choice(options):
            return Node(0, level.name, max(options, key=len))
        case schema.Range(_, high):
            return Node(0, level.name, str(high))
        case schema.Text() | schema.Line():
            return Node(0, level.name, mark)
        case schema.Weighed():
            answer = schema.read(shape, json.dumps(dict.fromkeys(shape.options, 1)))
            return Node(0, level.name, answer.text, answer.data)
        case _:
            assert_never(shape)


def _bared(request: Request, path: tuple[ir.Level, ...], weight: float, *, there: bool) -> Inquiry:
    """A request without the characters that stand for texts, and the most tokens of what they stand for."""
    marks = {chr(UNWRITTEN + level.depth): level.ask.max_tokens for level in path if level.ask}
    texts = [request.prefix, *(message.content for message in request.messages)]
    unwritten = sum(text.count(mark) * most for mark, most in marks.items() for text in texts)
    blank = {ord(mark): None for mark in marks}
    messages = tuple(replace(said, content=said.content.translate(blank)) for said in request.messages)
    bare = replace(request, messages=messages, prefix=request.prefix.translate(blank))
    return Inquiry(bare, unwritten, weight, there)
