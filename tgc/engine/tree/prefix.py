"""A tree of prompts: what several begin with is one segment, read once for all of them; pure.

Where a prompt is cut depends on the prompt alone, never on the others that there are: at fixed lengths, and
before control tokens, which is where the turns of a chat end. So the same prompt is always read in the same
pieces, and what the model remembers of it is the same bit for bit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

CHUNK = 256
"""Tokens that a segment has at most: what is read between two tokens drawn."""

LEAST = 16
"""Tokens between two cuts at least; the end of a prompt is always one."""


@dataclass(eq=False, slots=True)
class Segment:
    """A piece of prompts behind a common beginning.

    Attributes:
        start: how many tokens come before it.
        serial: the how manieth segment it is; in that order of paths, those that share a beginning are adjacent.
        pages: where the model's memory of it is; none before it was given room.
        written: whether the model has read it.
        waiting: how many sequences that wait begin with it.
        running: how many sequences that grow begin with it.
        touched: when it was last of use; a count.
        path: the segments from the beginning to this one.
    """

    tokens: tuple[int, ...]
    parent: "Segment | None"
    start: int
    serial: int
    pages: tuple[int, ...] = ()
    written: bool = False
    waiting: int = 0
    running: int = 0
    touched: int = 0
    children: dict[tuple[int, ...], "Segment"] = field(default_factory=dict)
    path: tuple["Segment", ...] = ()

    def __post_init__(self) -> None:
        self.path = (*self.parent.path, self) if self.parent else (self,)

    @property
    def order(self) -> tuple[int, ...]:
        """Sorts segments so that those with a common beginning are adjacent."""
        return tuple(segment.serial for segment in self.path)

    @property
    def end(self) -> int:
        """How many tokens there are up to its end."""
        return self.start + len(self.tokens)

    @property
    def placed(self) -> bool:
        """Whether it has room."""
        return bool(self.pages)


class Prefixes:
    """Every segment that sequences need, or that is kept since others may.

    Args:
        controls: tokens before which a prompt is cut.
    """

    def __init__(self, controls: frozenset[int]) -> None:
        self._controls = controls
        self._roots: dict[tuple[int, ...], Segment] = {}
        self._made = 0

    def __iter__(self) -> Iterator[Segment]:
        """All segments, parents before children."""
        rest = list(self._roots.values())
        while rest:
            segment = rest.pop()
            rest += segment.children.values()
            yield segment

    def leaf(self, prompt: tuple[int, ...]) -> Segment:
        """The segment that ends a prompt, made now with those before it where there are none."""
        place, parent, start = self._roots, None, 0
        for end in cuts(prompt, self._controls):
            tokens = prompt[start:end]
            if tokens not in place:
                self._made += 1
                place[tokens] = Segment(tokens, parent, start, self._made)
            parent = place[tokens]
            place, start = parent.children, end
        assert parent is not None
        return parent

    def drop(self, segment: Segment) -> None:
        """Forget a segment without children."""
        siblings = segment.parent.children if segment.parent else self._roots
        del siblings[segment.tokens]

    def prune(self) -> None:
        """Forget what has no room and nothing waits for."""
        for segment in reversed(list(self)):
            if not (segment.placed or segment.waiting or segment.children):
                self.drop(segment)

    def evictable(self, kept: frozenset[Segment]) -> list[Segment]:
        """Segments whose room may be taken, in the order in which it is best to.

        First those that nothing waits for, the longest unused first; never one that something grows from, or
        that another with room hangs below.
        """
        loose = [
            segment
            for segment in self
            if segment.placed and not segment.running and segment not in kept and not _bears(segment)
        ]
        return sorted(loose, key=lambda segment: (segment.waiting > 0, segment.touched, -segment.start))


def cuts(prompt: tuple[int, ...], controls: frozenset[int]) -> list[int]:
    """Where the segments of a prompt end.

    >>> cuts((1, 2, 3), frozenset())
    [3]
    >>> cuts((*range(20), 0, *range(9)), frozenset({0}))
    [20, 30]
    """
    found, last = list[int](), 0
    for index, token in enumerate(prompt):
        if index - last == CHUNK or (token in controls and index - last >= LEAST):
            found.append(index)
            last = index
    return [*found, len(prompt)]


def _bears(segment: Segment) -> bool:
    return any(child.placed for child in segment.children.values())
