"""What the contenders are asked: trees of random tokens, and how long every answer is to be."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Tokens = tuple[int, ...]

TURN = 1
"""The token that every turn begins with; 0 pads, and all others are words."""


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt and exactly how many tokens are to follow it; equal `parent`, same level of the tree."""

    parent: int
    prompt: Tokens
    new: int


@dataclass(frozen=True, slots=True)
class Workload:
    """Requests in the order of the tree; `limit` is the most tokens that any answer may have."""

    name: str
    requests: tuple[Request, ...]
    limit: int

    @property
    def tokens(self) -> int:
        """How many are asked for in all."""
        return sum(request.new for request in self.requests)

    @property
    def longest(self) -> int:
        """Tokens of the longest prompt with the longest answer."""
        return max(len(request.prompt) for request in self.requests) + self.limit

    def siblings(self) -> list[list[Request]]:
        """The requests by their parents."""
        groups: dict[int, list[Request]] = {}
        for request in self.requests:
            groups.setdefault(request.parent, []).append(request)
        return list(groups.values())

    def first(self, count: int) -> Workload:
        """Its first families: as many requests."""
        return replace(self, requests=self.requests[:count])

    def warm_up(self, count: int) -> Workload:
        """As many short answers in the same tree of other tokens, which no contender meets again."""
        some = self.requests[:count]
        others = (tuple(token if token == TURN else token ^ 1 for token in one.prompt) for one in some)
        asked = (Request(one.parent, prompt, 4) for one, prompt in zip(some, others, strict=True))
        return replace(self, requests=tuple(asked))


@dataclass(frozen=True, slots=True)
class Lengths:
    """Log-normal lengths of answers, clipped: of texts in words, as of many things that grow, it is the usual fit.

    >>> Lengths(96, 0.5, 256).draw(Random(1))
    130
    """

    median: int
    sigma: float
    limit: int
    least: int = 4

    def draw(self, dice: Random) -> int:
        """The length of one answer."""
        drawn = round(dice.lognormvariate(math.log(self.median), self.sigma))
        return min(self.limit, max(self.least, drawn))

    def __str__(self) -> str:
        return f"median {self.median}, sigma {self.sigma}, from {self.least} to {self.limit}"


@dataclass(frozen=True, slots=True)
class Shape:
    """A tree: tokens of the system prompt, of a parent's path, of a child's own; children; answers."""

    why: str
    system: int
    path: tuple[int, int]
    own: tuple[int, int]
    children: int
    lengths: Lengths


ANSWERS = Lengths(96, 0.5, 256)
EVEN = Lengths(92, 0.3, 128, least=64)
"""Nearly alike, so that a batch wastes little: the harder case for what fills its rows again."""

SHAPES = {
    "balance": Shape("siblings ask the same", 100, (160, 240), (0, 0), 16, ANSWERS),
    "unique": Shape(
        "siblings share a path, then have tokens of their own", 100, (200, 200), (16, 48), 16, EVEN
    ),
    "wide": Shape("one child per parent behind a system prompt", 100, (100, 300), (0, 0), 1, ANSWERS),
    "topics": Shape("many titles after a short prompt", 40, (24, 40), (0, 0), 64, Lengths(12, 0.4, 32)),
    "limit": Shape(
        "lengths that the roofline is stated for", 100, (412, 412), (32, 32), 32, Lengths(192, 0, 192)
    ),
}


def workload(name: str, requests: int, vocabulary: int, seed: int = 7) -> Workload:
    """So many requests of a shape, rounded up to whole families; the same for the same arguments."""
    shape, dice = SHAPES[name], Random(f"{name} {seed}")
    turn = _turns(dice, vocabulary)
    system = turn((shape.system, shape.system))
    families = -(-requests // shape.children)
    asked = (
        Request(parent, system + path + turn(shape.own), shape.lengths.draw(dice))
        for parent in range(families)
        for path in [turn(shape.path)]
        for _ in range(shape.children)
    )
    return Workload(name, tuple(asked), shape.lengths.limit)


def common(prompts: list[Tokens]) -> int:
    """How many tokens all of the prompts begin with.

    >>> common([(1, 2, 3), (1, 2, 4, 5)])
    2
    """
    pairs = zip(min(prompts), max(prompts), strict=False)
    return next(
        (index for index, (one, other) in enumerate(pairs) if one != other), len(min(prompts, key=len))
    )


def _turns(dice: Random, vocabulary: int) -> Callable[[tuple[int, int]], Tokens]:
    """Draws turns of random words, as long as lies between two numbers; of no tokens, none."""

    def turn(between: tuple[int, int]) -> Tokens:
        length = dice.randint(*between)
        return (TURN, *(dice.randrange(2, vocabulary) for _ in range(length - 1))) if length else ()

    return turn
