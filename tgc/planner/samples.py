"""What a model would be asked for a few nodes of each level, whether or not the texts above them exist yet."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl

from tgc import gates, ir, planner, prompts, schema
from tgc.backends.base import Request
from tgc.catalog import NODES
from tgc.errors import Diagnostic, RecipeError
from tgc.fingerprint import Ids
from tgc.node import KNOWN, Node, Path
from tgc.planner.steps import Slots


class Shelf(Protocol):
    """Where nodes are looked up: a warehouse's reader, or nothing."""

    def siblings(self, parent_ids: Ids) -> pl.DataFrame:
        """The nodes held directly under these parents."""
        ...

    def generations(self, keys: Sequence[str]) -> pl.DataFrame:
        """One held node for each of these request keys that has any."""
        ...


class Bare:
    """A shelf with nothing on it."""

    def siblings(self, parent_ids: Ids) -> pl.DataFrame:  # noqa: ARG002 - what a shelf is asked
        """None."""
        return pl.DataFrame(schema=NODES)

    def generations(self, keys: Sequence[str]) -> pl.DataFrame:  # noqa: ARG002
        """None."""
        return pl.DataFrame(schema=NODES)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a model would be asked for one slot.

    Attributes:
        path: the nodes above.
        asks: the request; where a template cannot be filled, what is wrong.
        imagined: levels above whose text is not written yet, so that `⟨level⟩` stands in for it.
    """

    level: ir.Level
    path: Path
    ordinal: int
    asks: Request | Diagnostic
    imagined: tuple[str, ...]


def samples(program: ir.Program, shelf: Shelf, picked: Mapping[str, Ids], count: int) -> tuple[Sample, ...]:
    """For every level that asks a model its first slots, at most `count`: of different parents as far as may be.

    Args:
        program: what to sample.
        shelf: what is held already; slots that are come first.
        picked: nodes picked at levels that pick siblings, as `planner.picked` gives them; they come first.
        count: how many slots of a level.
    """
    walk = _Walk(program, shelf, picked, count)
    spots: dict[str | None, list[_Spot]] = {None: [_Spot((), ())]}
    found: list[Sample] = []
    for level in program.levels:
        spots[level.name] = []
        for sample, spot in walk.down(level, spots[level.parent]):
            spots[level.name].append(spot)
            found += [sample] if sample else []
    return tuple(found)


def requests(samples: Iterable[Sample]) -> dict[ir.Model, list[Request]]:
    """What each model is asked."""
    found: dict[ir.Model, list[Request]] = {}
    for sample in samples:
        if sample.level.ask and isinstance(sample.asks, Request):
            found.setdefault(sample.level.ask.model, []).append(sample.asks)
    return found


def stand_in(slot: int, level: ir.Level) -> Node:
    """A node whose text is not written yet; wherever it is quoted, that shows.

    >>> from tgc.template import Template
    >>> level = ir.Level("topic", None, 0, 1, ir.Map(Template("", "x")), None, None, "", ())
    >>> stand_in(7, level).text
    '⟨topic⟩'
    """
    parts = schema.fields(level.ask.answers) if level.ask else None
    data = {part: f"⟨{level.written}.{part}⟩" for part in sorted(parts or ())}
    return Node(
        slot, level.name, f"⟨{level.written}⟩", json.dumps(data, ensure_ascii=False) if data else None
    )


@dataclass(frozen=True, slots=True)
class _Spot:
    """A node on the way down with those above it; texts of the levels in `imagined` are not written yet."""

    path: Path
    imagined: tuple[str, ...]


_Text = tuple[str, str | None] | tuple[str, str | None, int | None, str | None, float | None]
"""What is known of a node besides its id and level."""


@dataclass(frozen=True, slots=True)
class _Walk:
    """How to come from the spots of one level to those of the next."""

    program: ir.Program
    shelf: Shelf
    picked: Mapping[str, Ids]
    count: int

    def down(self, level: ir.Level, above: Sequence[_Spot]) -> Iterator[tuple[Sample | None, _Spot]]:
        """The first spots of a level, each with what is asked there if a model is."""
        grown = {_id(spot): spot for spot in above if self._grows(level, spot)}
        slots = planner.slots(level, np.array([*grown], dtype=np.uint64))
        texts = self._texts(slots)
        for slot, parent, ordinal in self._first(level, slots, texts).rows():
            spot = grown[parent]
            before = self._before(level, slots, parent, ordinal, texts)
            asks = self._asks(level, spot, ordinal, before)
            imagined = (
                *spot.imagined,
                *((level.name,) if any(node.id not in texts for node in before) else ()),
            )
            sample = Sample(level, spot.path, ordinal, asks, imagined) if asks else None
            yield sample, self._spot(level, spot, slot, ordinal, self._equal(asks) or texts.get(slot))

    def _grows(self, level: ir.Level, spot: _Spot) -> bool:
        """Whether a level grows there; below a text that is not written yet it may."""
        try:
            return bool(spot.imagined) or gates.grows(self.program, level, spot.path)
        except RecipeError:
            return True

    def _texts(self, slots: Slots) -> Mapping[int, _Text]:
        held = self.shelf.siblings(np.unique(slots.parents))
        mine = held.filter(pl.col("node_id").is_in(pl.Series(slots.ids).implode()))
        return {row[0]: row[1:] for row in mine.select("node_id", *KNOWN).iter_rows()}

    def _first(self, level: ir.Level, slots: Slots, texts: Mapping[int, _Text]) -> Slots:
        picked = np.isin(slots.ids, self.picked.get(level.name, _NONE))
        held = np.isin(slots.ids, np.array([*texts], dtype=np.uint64))
        order = np.lexsort((slots.ordinals, ~held, ~picked))
        return slots.where(order[: self.count])

    def _before(
        self, level: ir.Level, slots: Slots, parent: int, ordinal: int, texts: Mapping[int, _Text]
    ) -> tuple[Node, ...]:
        """The items of a list that come before; whatever is asked otherwise sees none."""
        if not (level.ask and level.ask.listed):
            return ()
        items = slots.where((slots.parents == parent) & (slots.ordinals < ordinal)).ids.tolist()
        return tuple(
            Node(item, level.name, *texts[item]) if item in texts else stand_in(item, level) for item in items
        )

    def _asks(
        self, level: ir.Level, spot: _Spot, ordinal: int, before: tuple[Node, ...]
    ) -> Request | Diagnostic | None:
        if level.ask is None:
            return None
        try:
            return prompts.request(self.program, level, spot.path, ordinal, before)
        except RecipeError as error:
            return error.diagnostics[0]

    def _equal(self, asks: Request | Diagnostic | None) -> _Text | None:
        """A text that was given to the same request, by whatever recipe."""
        keys = [asks.key] if isinstance(asks, Request) else []
        return next(self.shelf.generations(keys).select(*KNOWN).iter_rows(), None)

    def _spot(self, level: ir.Level, spot: _Spot, slot: int, ordinal: int, held: _Text | None) -> _Spot:
        text = held or self._known(level, spot.path, ordinal)
        if text is None:
            return _Spot((*spot.path, stand_in(slot, level)), (*spot.imagined, level.name))
        return _Spot((*spot.path, Node(slot, level.name, *text)), spot.imagined)

    def _known(self, level: ir.Level, path: Path, ordinal: int) -> _Text | None:
        """The text of a node that no model is asked for."""
        match level.does:
            case ir.Values(items):
                return items[ordinal].text, items[ordinal].data
            case ir.Map(template):
                with suppress(RecipeError):
                    return prompts.mapped(self.program, template, path), None
        return None


_NONE: Ids = np.empty(0, dtype=np.uint64)


def _id(spot: _Spot) -> int:
    return spot.path[-1].id if spot.path else 0
