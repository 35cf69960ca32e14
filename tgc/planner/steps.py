"""The plan as a value: the one list of steps that `executor` carries out and `render` shows."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tgc import ir
from tgc.fingerprint import Ids

Mask = NDArray[np.bool_]
NONE: Ids = np.empty(0, dtype=np.uint64)
"""No ids."""


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Places in the tree, columnar, siblings together; `parents` is 0 at the root, `ordinals` count from 0."""

    ids: Ids
    parents: Ids
    ordinals: Ids

    def where(self, which: Mask | NDArray[np.intp] | slice) -> "Slots":
        """The slots at which a mask is true, or at these places."""
        return Slots(self.ids[which], self.parents[which], self.ordinals[which])

    @property
    def firsts(self) -> NDArray[np.intp]:
        """Where the slots of each parent begin."""
        return np.flatnonzero(np.append(True, self.parents[1:] != self.parents[:-1]))[: len(self)]

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """Id, parent and ordinal of every slot."""
        return zip(self.ids.tolist(), self.parents.tolist(), self.ordinals.tolist(), strict=True)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class LevelPlan:
    """What one level has and lacks.

    Attributes:
        new: nodes to make, those under parents that do not exist yet included.
        held: nodes that are there, those adopted from an equal request included.
        orphaned: the recipe's nodes of the last build that it no longer wants; hidden, never deleted.
        tokens: the most tokens the new nodes can generate; 0 where no model is asked.
        why: what changed since the last build, for people.
        ready: missing slots whose parent is stored.
        unpicked: parents whose siblings are all stored and await picking.
        wanted: ids of the stored nodes that are wanted, ascending.
        fresh: those of `ready` for which no node has the answer already; a model has to be asked for them.
        passed: how many slots count as new unseen, since of a sample none has an answer already.
        chosen: whether this build grows the level; where it does not, `new` is what the level lacks.
    """

    level: ir.Level
    new: int
    held: int
    orphaned: int
    tokens: int
    why: str
    ready: Slots
    unpicked: Ids
    wanted: Ids
    fresh: Slots
    passed: int = 0
    chosen: bool = True

    @property
    def asks(self) -> int:
        """Nodes that a model is asked for in this build."""
        return self.new if self.chosen and self.level.ask else 0

    @property
    def done(self) -> bool:
        """Nothing is missing, and siblings are picked."""
        return not (self.new or len(self.ready) or len(self.unpicked))


@dataclass(frozen=True, slots=True, eq=False)
class Grow:
    """Make what the levels lack: one step, for a parent's children start as soon as it is kept."""

    levels: tuple[LevelPlan, ...]


@dataclass(frozen=True, slots=True)
class Sift:
    """Judge every node of the recipe by its filters, in order."""

    checks: tuple[ir.Check, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Select:
    """Choose the conversations of the mix."""

    mix: ir.Mix
    why: str


@dataclass(frozen=True, slots=True)
class Refill:
    """Raise branches and do again what comes before, while the mix lacks rows.

    Attributes:
        bounds: how far, by the names of levels.
        most: nodes that a model is asked for besides, if it comes to the bounds.
        asks: whether models may be asked; where not, as far as nodes are held.
    """

    bounds: tuple[tuple[str, int], ...]
    most: int
    why: str
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Emit:
    """Write the mix in its formats, with a manifest."""

    paths: tuple[str, ...]
    why: str


Step = Grow | Sift | Select | Refill | Emit


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What to do here and now, in order; no steps when the mix is up to date.

    Attributes:
        levels: where each level stands, parents before children.
        removed: levels of the last build that the recipe no longer has, with their nodes.
        identity: JSON of what the mix would be made of, by aspect.
        strangers: whether the warehouse holds nodes that this recipe does not want, so that some may be adopted.
        lacking: nodes to be asked of models until the tree is whole, those of other builds included.
        limit: the most nodes to ask of models; None for all.
        forgotten: ids of the nodes to forget first, ascending.
    """

    program: ir.Program
    levels: tuple[LevelPlan, ...]
    steps: tuple[Step, ...]
    removed: tuple[tuple[str, int], ...]
    identity: str
    strangers: bool
    lacking: int
    limit: int | None = None
    forgotten: Ids = field(default_factory=lambda: NONE)

    @property
    def chosen(self) -> frozenset[str]:
        """The levels that this build grows."""
        return frozenset(level.level.name for level in self.levels if level.chosen)

    @property
    def whole(self) -> bool:
        """Whether the build, if nothing fails, leaves nothing missing."""
        stops = self.limit is not None and self.limit < self.new
        return not stops and all(level.chosen or level.done for level in self.levels)

    @property
    def new(self) -> int:
        """Nodes to make by asking a model, were there no limit."""
        return sum(level.asks for level in self.levels)

    @property
    def asks(self) -> int:
        """Nodes to make by asking a model."""
        return self.new if self.limit is None else min(self.limit, self.new)

    @property
    def refill(self) -> int:
        """Nodes at most to make besides, while the mix lacks rows."""
        return sum(step.most for step in self.steps if isinstance(step, Refill))

    @property
    def held(self) -> int:
        """Nodes that are there already."""
        return sum(level.held for level in self.levels)

    @property
    def tokens(self) -> int:
        """The most tokens that can be generated, were there no limit."""
        return sum(level.tokens for level in self.levels if level.chosen)
