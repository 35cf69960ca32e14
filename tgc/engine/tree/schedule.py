"""What to do next: which prompts to read, which sequences to let grow, whose room to take; pure.

A sequence starts as soon as its prompt is read and a row is free. Prompts are read in the order that shares
most of what is there, a few ahead of need and a few tokens at a time, so that no row waits for long.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, islice

from tgc.engine.drawing.row import Row, begin
from tgc.engine.drawing.sequence import Sequence
from tgc.engine.tree.pages import Pages, needed
from tgc.engine.tree.prefix import Prefixes, Segment

BUDGET = 512
"""Prompt tokens read beside one token of every row: two segments of full length."""

AHEAD = 8
"""One sequence in so many rows waits with its prompt read, so that a row that falls free is filled at once."""

LOOKED_AT = 64
"""Prompts among which the next to be read is chosen, in the order in which they came."""


class Cramped(Exception):  # noqa: N818 - not the user's fault, and never shown
    """There is no room for a single sequence."""


@dataclass(eq=False, slots=True)
class Place:
    """Where a growing sequence is: the end of its prompt, and the pages of what it has drawn."""

    row: Row
    leaf: Segment
    pages: list[int] = field(default_factory=list)

    @property
    def most(self) -> int:
        """The pages that it may come to."""
        return needed(self.row.sequence.remembered)

    @property
    def due(self) -> int:
        """The pages that it needs now: where a text is drawn token by token, they come one by one."""
        return self.most if self.row.sequence.options else needed(len(self.row.tokens))

    @property
    def position(self) -> int:
        """Where the token that was drawn last stands."""
        return self.leaf.end + len(self.row.tokens) - 1


class Schedule:
    """Sequences that wait and grow, over one tree of prompts and one store of pages.

    Args:
        rows: how many sequences grow side by side at most.
        pages: the room there is.
        controls: tokens before which prompts are cut.
    """

    def __init__(self, rows: int, pages: Pages, controls: frozenset[int] = frozenset()) -> None:
        self.rows = rows
        self.pages = pages
        self.prefixes = Prefixes(controls)
        self.growing: list[Place] = []
        self.waiting = 0
        self._queue: dict[Segment, deque[Sequence]] = {}
        self._begun: set[Segment] = set()
        self._reading: list[Segment] = []
        self._ready: list[Segment] = []
        self._promised = 0
        self._clock = 0

    def submit(self, sequences: Iterable[Sequence]) -> None:
        """Let sequences wait."""
        for sequence in sequences:
            leaf = self.prefixes.leaf(sequence.prompt)
            self._queue.setdefault(leaf, deque()).append(sequence)
            self._wait(leaf, 1)

    def cancel(self) -> list[Sequence]:
        """Forget the sequences that wait; those that were forgotten."""
        forgotten = [sequence for waiting in self._queue.values() for sequence in waiting]
        for leaf, waiting in self._queue.items():
            self._wait(leaf, -len(waiting))
        for left in (self._queue, self._begun, self._reading, self._ready):
            left.clear()
        self.prefixes.prune()
        return forgotten

    def admit(self) -> list[Place]:
        """Let sequences grow whose prompts are read, while there are rows and room; those that start.

        Raises:
            Cramped: nothing grows, and all the room there is would not do for the next.
        """
        started: list[Place] = []
        while self._ready and len(self.growing) < self.rows:
            leaf = self._ready[0]
            sequence = self._queue[leaf][0]
            if not self._make_room(needed(sequence.remembered), leaf, desperate=not self.growing):
                if not self.growing:
                    raise Cramped
                break
            place = Place(begin(sequence), leaf)
            self._start(place)
            started.append(place)
        return started

    def reads(self) -> list[Segment]:
        """The segments to read next, parents before children.

        Raises:
            Cramped: nothing grows, and there is no room to let anything.
        """
        while sum(len(segment.tokens) for segment in self._reading) < BUDGET and self._choose():
            pass
        before = accumulate((len(segment.tokens) for segment in self._reading), initial=0)
        chosen = [segment for segment, read in zip(self._reading, before, strict=False) if read < BUDGET]
        if self._queue and not (chosen or self.growing):
            raise Cramped
        return chosen

    def read(self, segments: list[Segment]) -> list[Segment]:
        """Note that these are read; those of them at which sequences can start."""
        leaves = [segment for segment in segments if segment in self._queue and segment not in self._ready]
        for segment in segments:
            segment.written = True
            self._reading.remove(segment)
        self._begun.update(leaves)
        self._ready += leaves
        return leaves

    def expects(self, leaf: Segment) -> bool:
        """Whether sequences wait to start from what is read."""
        return leaf in self._begun

    def extend(self) -> None:
        """Give every sequence the pages that it needs now; there are some, for they were promised."""
        for place in self.growing:
            while place.due > len(place.pages):
                place.pages.append(self.pages.high())
                self._promised -= 1

    def retire(self) -> list[Place]:
        """Let the sequences go that have ended; these."""
        ended = [place for place in self.growing if place.row.finish_reason]
        if ended:
            self.growing = [place for place in self.growing if not place.row.finish_reason]
        for place in ended:
            self._promised -= place.most - len(place.pages)
            self.pages.give(place.pages)
            self._run(place.leaf, -1)
        return ended

    def _wait(self, leaf: Segment, count: int) -> None:
        self.waiting += count
        for segment in leaf.path:
            segment.waiting += count

    def _run(self, leaf: Segment, count: int) -> None:
        self._clock += 1
        for segment in leaf.path:
            segment.running += count
            segment.touched = self._clock

    def _start(self, place: Place) -> None:
        waiting = self._queue[place.leaf]
        waiting.popleft()
        if not waiting:
            del self._queue[place.leaf]
            self._ready.remove(place.leaf)
            self._begun.remove(place.leaf)
        self._wait(place.leaf, -1)
        self._run(place.leaf, 1)
        self._promised += place.most
        insort(self.growing, place, key=lambda one: one.leaf.order)

    def _choose(self) -> bool:
        """Begin to read another prompt, if one is needed soon and has room."""
        supply = sum(len(self._queue[leaf]) for leaf in self._begun)
        if supply >= self.rows - len(self.growing) + self.rows // AHEAD:
            return False
        left = (leaf for leaf in self._queue if leaf not in self._begun)
        leaf = max(islice(left, LOOKED_AT), key=_known, default=None)
        if leaf is None or not self._place(leaf):
            return False
        self._begun.add(leaf)
        unread = [segment for segment in leaf.path if not segment.written] or [leaf]
        self._reading += [segment for segment in unread if segment not in self._reading]
        return True

    def _place(self, leaf: Segment) -> bool:
        """Give a prompt room, if there is any for it and for what is drawn after it."""
        missing = [segment for segment in leaf.path if not segment.placed]
        pages = sum(needed(len(segment.tokens)) for segment in missing)
        pages += needed(self._queue[leaf][0].remembered)
        if not self._make_room(pages, leaf, desperate=not self.growing and not self._begun):
            return False
        for segment in missing:
            segment.pages = self.pages.low(needed(len(segment.tokens)))
        return True

    def _make_room(self, pages: int, leaf: Segment, *, desperate: bool) -> bool:
        """Whether so many pages are free that nobody was promised, after taking those of others if need be.

        Prompts that something waits for are taken from in despair only: they have to be read again.
        """
        while self.pages.free - self._promised < pages:
            loose = self.prefixes.evictable(frozenset(leaf.path))
            if not loose or (loose[0].waiting and not desperate):
                return False
            self._evict(loose[0])
        return True

    def _evict(self, segment: Segment) -> None:
        self.pages.give(segment.pages)
        segment.pages, segment.written = (), False
        self._begun.discard(segment)
        for begun in (self._ready, self._reading):
            if segment in begun:
                begun.remove(segment)
        if not segment.waiting:
            self.prefixes.drop(segment)


def _known(leaf: Segment) -> int:
    """How many tokens of a prompt are read already, or about to be."""
    return next((segment.end for segment in reversed(leaf.path) if segment.placed), 0)
